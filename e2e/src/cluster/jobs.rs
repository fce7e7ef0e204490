//! Jobs: those of CronJobs, run now, and those that prepare the stores.

use std::time::Duration;

use anyhow::{Result, bail, ensure};
use serde_json::{Value, json};
use tokio::time::{Instant, sleep};

use super::kubectl::{self, NAMESPACE};
use crate::stores::are_encrypted;

/// How long a backup or a restore may take.
const LIMIT: Duration = Duration::from_secs(2 * 60 * 60);

const PAUSE: Duration = Duration::from_millis(500);

/// Runs a CronJob's Job now, with other values of its variables, and waits until it has succeeded. Returns its log.
pub async fn run(cron_job: &str, variables: &[&str]) -> Result<String> {
    let name = format!("{cron_job}-now");
    let from = format!("--from=cronjob/{cron_job}");
    let job = kubectl::run(&["create", "job", &name, &from, "--dry-run=client", "--output=json"]).await?;
    replace(&name, &job, variables).await?;
    let log = kubectl::run(&["logs", &format!("job/{name}")]).await?;
    kubectl::run(&["delete", "job", &name]).await?;
    Ok(log)
}

/// Runs a service's program once with this subcommand, in the environment of its Deployment, and waits until it has succeeded.
/// Returns its log.
pub async fn run_subcommand(deployment: &str, subcommand: &str) -> Result<String> {
    let mut template = kubectl::get(&["deployment", deployment]).await?["spec"]["template"].take();
    template["spec"]["restartPolicy"] = "Never".into();
    let container = &mut template["spec"]["containers"][0];
    container["args"] = json!([subcommand]);
    // It never listens. The readiness probe stays, so that its Service sends it nothing.
    for probe in ["startupProbe", "livenessProbe"] {
        container[probe] = Value::Null;
    }
    let name = format!("{deployment}-{subcommand}");
    let spec = json!({"backoffLimit": 2, "template": template});
    let job = json!({"apiVersion": "batch/v1", "kind": "Job", "metadata": {"name": name}, "spec": spec});
    replace(&name, &job.to_string(), &[]).await?;
    let log = kubectl::run(&["logs", &format!("job/{name}")]).await?;
    kubectl::run(&["delete", "job", &name]).await?;
    Ok(log)
}

/// Runs the init Job of a store again, with so many members, and waits until it has succeeded.
pub async fn run_init(store: &str, members: u64) -> Result<()> {
    let name = format!("{store}-init");
    let job = if kubectl::get(&["job", &name]).await?.is_null() {
        // Somebody has deleted it: as the manifests have it.
        let overlay = if are_encrypted().await? { "prod" } else { "dev" };
        let folder = format!("--kustomize=infra/k8s/overlays/{overlay}");
        let selector = format!("--selector=ticketing.dev/store={store},app.kubernetes.io/component=init");
        kubectl::run(&["apply", &folder, &selector, "--dry-run=client", "--output=json"]).await?
    } else {
        kubectl::run(&["apply", "view-last-applied", "job", &name, "--output=json"]).await?
    };
    replace(&name, &job, &[&format!("MEMBERS={members}")]).await
}

/// Runs this Job in place of the one of its name, and waits until it has succeeded.
async fn replace(name: &str, job: &str, variables: &[&str]) -> Result<()> {
    let mut changed = String::new();
    if !variables.is_empty() {
        let set = [&["set", "env", "--local", "--filename=-", "--output=json"], variables].concat();
        changed = kubectl::feed(&set, job).await?;
    }
    // kubectl prints nothing when the variables have these values already.
    let job = if changed.trim().is_empty() { job } else { &changed };
    kubectl::run(&["delete", "job", name, "--ignore-not-found"]).await?;
    kubectl::feed(&["apply", "--filename=-"], job).await?;
    wait(name, LIMIT).await
}

/// Waits until a Job has succeeded.
pub async fn wait(name: &str, limit: Duration) -> Result<()> {
    let deadline = Instant::now() + limit;
    loop {
        let job = kubectl::get(&["job", name]).await?;
        if kubectl::is(&job, "Complete") {
            return Ok(());
        }
        if kubectl::is(&job, "Failed") {
            let log = kubectl::run(&["logs", &format!("job/{name}"), "--tail=20"]).await;
            bail!("the Job {name} failed: {}", log.unwrap_or_default().trim());
        }
        let waited = limit.as_secs();
        ensure!(Instant::now() < deadline, "not ended within {waited} s: `kubectl -n {NAMESPACE} logs job/{name}`");
        sleep(PAUSE).await;
    }
}
