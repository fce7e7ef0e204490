use std::time::Duration;

use anyhow::Result;
use tokio::time::{Instant, sleep};

use super::SERVICES;
use crate::cluster::disturbances::Disturbances;
use crate::cluster::kubectl;
use crate::cluster::platform::Platform;
use crate::cluster::report::{Verdict, say};
use crate::cluster::workloads::Workload;

const REPLICAS: u64 = 3;

/// How long there are so many of everything.
const TOGETHER: Duration = Duration::from_secs(10);

pub async fn rollouts(platform: &Platform) -> Result<Verdict> {
    let mut disturbances = Disturbances::begin(platform, platform.arguments.rate).await?;
    for service in SERVICES {
        say(&format!("{service} is rolled out"));
        let (workload, began) = (Workload::of_service(service).await?, Instant::now());
        workload.restart().await?;
        workload.wait_until_ready().await?;
        disturbances.note(service, began, true).await;
    }
    disturbances.end(platform, true).await
}

pub async fn deaths(platform: &Platform) -> Result<Verdict> {
    let mut disturbances = Disturbances::begin(platform, platform.arguments.rate).await?;
    for workload in Workload::all().await? {
        for pod in workload.pods().await? {
            say(&format!("{pod} is deleted"));
            let began = Instant::now();
            kubectl::run(&["delete", "pod", &pod, "--ignore-not-found"]).await?;
            workload.wait_until_ready().await?;
            let hidden = workload.replicas > 1 && workload.name.starts_with("deployment/");
            disturbances.note(&pod, began, hidden).await;
        }
    }
    disturbances.end(platform, false).await
}

pub async fn scale(platform: &Platform) -> Result<Verdict> {
    let mut disturbances = Disturbances::begin(platform, platform.arguments.rate).await?;
    let mut scaled = Vec::new();
    for service in SERVICES {
        say(&format!("{service} gets {REPLICAS} replicas"));
        let (workload, began) = (Workload::of_service(service).await?, Instant::now());
        workload.plan_scale_back(&platform.undo);
        workload.scale(REPLICAS).await?;
        workload.wait_for_pods().await?;
        disturbances.note(&format!("{service} up"), began, true).await;
        scaled.push((service, workload));
    }
    sleep(TOGETHER).await;
    for (service, workload) in scaled {
        say(&format!("{service} gives them back"));
        let began = Instant::now();
        workload.scale_back().await?;
        workload.wait_for_pods().await?;
        disturbances.note(&format!("{service} back"), began, true).await;
    }
    disturbances.end(platform, true).await
}
