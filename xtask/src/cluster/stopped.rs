//! Services that do not run for the time being: what they wrote meanwhile would be lost or in the way.

use anyhow::{Context, Result};

use super::{NAMESPACE, kubectl};

/// Those that write to the streams or listen to them.
pub const ON_THE_STREAM: [&str; 4] = ["tickets", "orders", "payments", "expiration"];

/// The services that were stopped, and how many of each there are to be again.
#[derive(Default)]
pub struct Stopped(Vec<(String, u64)>);

impl Stopped {
    /// Stops one service after the other and waits until it is gone. After a failure those before it stay stopped until
    /// [`start`](Self::start).
    pub fn stop(&mut self, services: &[&str]) -> Result<()> {
        for service in services {
            let deployment = kubectl::get("deployment", &format!("{service}-depl"))?;
            let deployment = deployment.with_context(|| format!("there is no Deployment {service}-depl"))?;
            let replicas = deployment["spec"]["replicas"].as_u64().unwrap_or(1);
            self.0.push(((*service).to_owned(), replicas));
            scale(service, 0)?;
            let selector = format!("--selector=app={service}");
            kubectl::show(&["--namespace", NAMESPACE, "wait", "--for=delete", "pod", &selector, "--timeout=120s"])?;
        }
        Ok(())
    }

    /// Starts them all again, each of them even if another does not start.
    pub fn start(&self) -> Result<()> {
        self.0.iter().map(|(service, replicas)| scale(service, *replicas)).fold(Ok(()), Result::and)
    }
}

fn scale(service: &str, replicas: u64) -> Result<()> {
    let (deployment, replicas) = (format!("{service}-depl"), format!("--replicas={replicas}"));
    kubectl::show(&["--namespace", NAMESPACE, "scale", "deployment", &deployment, &replicas])
}
