//! Jobs on a store, made from its backup's CronJob: the same image, volume, credentials, and way to the store.

use std::time::Duration;

use anyhow::{Context, Result};
use serde_json::{Value, json};

use super::{NAMESPACE, kubectl};

/// A large store takes its time.
const LIMIT: Duration = Duration::from_secs(2 * 60 * 60);

/// Runs `ops` with these arguments on a store, in the Job `<store>-<what>`, and shows what it said.
pub fn run(store: &str, what: &str, arguments: &[&str]) -> Result<()> {
    let backup = format!("{store}-backup");
    let cron_job = kubectl::get("cronjob", &backup)?.with_context(|| format!("there is no CronJob {backup}"))?;
    let name = format!("{store}-{what}");
    kubectl::ask(&["--namespace", NAMESPACE, "delete", "job", &name, "--ignore-not-found", "--wait"], None)?;
    kubectl::create(&job(&name, &cron_job, arguments))?;
    let ended = kubectl::wait_for_job(&name, LIMIT);
    kubectl::show(&["--namespace", NAMESPACE, "logs", &format!("job/{name}")])?;
    ended
}

fn job(name: &str, cron_job: &Value, arguments: &[&str]) -> Value {
    let mut spec = cron_job["spec"]["jobTemplate"]["spec"].clone();
    spec["template"]["spec"]["containers"][0]["args"] = json!(arguments);
    // Whatever makes it fail, trying again would not mend.
    spec["backoffLimit"] = json!(0);
    json!({
        "apiVersion": "batch/v1",
        "kind": "Job",
        "metadata": {"name": name, "namespace": NAMESPACE, "labels": {"app.kubernetes.io/part-of": "ticketing"}},
        "spec": spec,
    })
}
