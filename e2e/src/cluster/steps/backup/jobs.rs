use std::time::Duration;

use anyhow::{Result, bail};
use tokio::time::{Instant, sleep};

use crate::cluster::kubectl;
use crate::cluster::undo::Undo;

const LIMIT: Duration = Duration::from_secs(600);
const PAUSE: Duration = Duration::from_millis(500);

/// Runs a CronJob's Job now, and waits until it has succeeded. It is deleted afterwards.
///
/// # Errors
/// When it fails, with what it printed.
pub async fn run(cron_job: &str, undo: &Undo) -> Result<Duration> {
    let (name, began) = (format!("{cron_job}-now"), Instant::now());
    let delete = ["delete", "job", name.as_str(), "--ignore-not-found"];
    kubectl::run(&delete).await?;
    undo.plan(&name, &delete, "");
    kubectl::run(&["create", "job", &name, &format!("--from=cronjob/{cron_job}")]).await?;
    while !has_succeeded(&name).await? {
        if began.elapsed() > LIMIT {
            bail!("{name} has not ended within {} s", LIMIT.as_secs());
        }
        sleep(PAUSE).await;
    }
    let took = began.elapsed();
    kubectl::run(&delete).await?;
    undo.forget(&name);
    Ok(took)
}

async fn has_succeeded(name: &str) -> Result<bool> {
    let job = kubectl::get(&["job", name]).await?;
    let conditions = job["status"]["conditions"].as_array().map(Vec::as_slice).unwrap_or_default();
    let is = |kind| conditions.iter().any(|condition| condition["type"] == kind && condition["status"] == "True");
    if is("Failed") {
        let said = kubectl::run(&["logs", &format!("job/{name}"), "--tail=20"]).await.unwrap_or_default();
        bail!("{name} failed: {}", said.trim());
    }
    Ok(is("Complete"))
}
