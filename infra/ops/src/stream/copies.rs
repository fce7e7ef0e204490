//! Waiting for the copies of a stream: a cluster answers before it has made them.

use anyhow::{Context, Result, anyhow};

use super::broker::Broker;
use crate::patience::Attempt;

/// Whether a stream with several copies has a leader, and the others are up to date with it.
///
/// # Errors
/// When there is no such stream, or the broker refuses.
pub async fn copies_are_there(broker: &Broker, stream: &str) -> Result<Attempt<()>> {
    let info = match broker.stream(stream).await {
        Ok(info) => info.context("it was deleted again")?,
        Err(error) => return error.unless_temporary(),
    };
    let wanted = info["config"]["num_replicas"].as_u64().unwrap_or(1);
    if wanted == 1 {
        return Ok(Attempt::Done(()));
    }
    if info["cluster"]["leader"].as_str().unwrap_or_default().is_empty() {
        return Ok(Attempt::NotYet(anyhow!("there is no leader")));
    }
    let others = info["cluster"]["replicas"].as_array().map(Vec::as_slice).unwrap_or_default();
    let current = 1 + others.iter().filter(|other| other["current"] == true).count();
    if (current as u64) < wanted {
        return Ok(Attempt::NotYet(anyhow!("{current} of {wanted} are up to date")));
    }
    Ok(Attempt::Done(()))
}
