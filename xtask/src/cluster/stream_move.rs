//! From one nats-server to several, or back. Servers of a cluster do not take over the streams that one kept while it was
//! alone: they would begin with empty ones. So the streams go by way of a backup, and nobody publishes or listens meanwhile.

use anyhow::{Context, Result};
use serde_json::Value;

use super::stopped::{ON_THE_STREAM, Stopped};
use super::{kubectl, store_job};

/// The streams are in a backup, and the services that use them are stopped.
pub struct StreamMove(Stopped);

impl StreamMove {
    /// Begins one if the broker runs alone and the manifests want several servers, or the other way round.
    pub fn begin_if_needed(manifests: &[Value]) -> Result<Option<Self>> {
        let Some(running) = kubectl::get("statefulset", "nats")? else { return Ok(None) };
        let wanted =
            manifests.iter().find(|object| object["kind"] == "StatefulSet" && object["metadata"]["name"] == "nats");
        if wanted.is_none_or(|wanted| is_alone(wanted) == is_alone(&running)) {
            return Ok(None);
        }
        println!("the streams move to another kind of broker: services stop, backup, apply, restore");
        let mut stopped = Stopped::default();
        let backed_up =
            stopped.stop(&ON_THE_STREAM).and_then(|()| store_job::run("nats", "backup-to-move", &["stream", "backup"]));
        if let Err(error) = backed_up {
            stopped.start()?;
            return Err(error.context("nothing was applied"));
        }
        Ok(Some(Self(stopped)))
    }

    /// Puts the streams into the new broker and starts the services.
    pub fn finish(self) -> Result<()> {
        let restore = ["stream", "restore", "--from", "latest", "--replace"];
        store_job::run("nats", "restore", &restore).context(
            "the services stay stopped; `cargo xtask cluster restore nats --replace` tries again, then scale them up",
        )?;
        self.0.start()
    }
}

fn is_alone(servers: &Value) -> bool {
    servers["spec"]["replicas"].as_u64().unwrap_or(1) == 1
}
