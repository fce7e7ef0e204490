//! A backup is put back where it came from, by the suspended CronJob `<store>-restore`.

use anyhow::Result;

use super::jobs;
use super::workloads::Workload;
use crate::invariants::LISTENERS;

/// Replaces a store by a backup: `store` is a service with a MongoDB, or `nats` for the streams; `from` is the name that the
/// backup's log says, or `latest`. Whoever uses the store is stopped meanwhile. Returns the log.
/// The services run again also when it fails.
pub async fn restore(store: &str, from: &str) -> Result<String> {
    let (store, users) = match store {
        "nats" => ("nats".to_owned(), LISTENERS.to_vec()),
        service => (format!("{service}-mongo"), vec![service]),
    };
    let mut stopped = Vec::new();
    let restored = async {
        for service in users {
            let workload = Workload::of_service(service).await?;
            workload.scale(0).await?;
            stopped.push(workload);
        }
        for workload in &stopped {
            workload.wait_for_pods().await?;
        }
        let mut log = jobs::run(&format!("{store}-restore"), &[&format!("FROM={from}")]).await?;
        if store != "nats" {
            // The passwords of the users are those of the backup: set them again to those of the Secret.
            let members = Workload::named(&format!("statefulset/{store}")).await?.replicas;
            jobs::run_init(&store, members).await?;
        }
        if store == "payments-mongo" {
            // The provider knows of payments that the backup does not: nobody may pay again before they are adopted.
            log += &jobs::run_subcommand("payments-depl", "reconcile").await?;
        }
        Ok(log)
    };
    let restored = restored.await;
    let mut started = Ok(());
    for workload in stopped {
        started = started.and(workload.scale_back().await);
    }
    restored.and_then(|log| started.map(|()| log))
}
