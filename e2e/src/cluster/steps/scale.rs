use std::time::Duration;

use anyhow::Result;
use tokio::time::{Instant, sleep};

use super::SERVICES;
use crate::cluster::disturbances::Disturbances;
use crate::cluster::report::{Verdict, say};
use crate::cluster::workloads::Workload;
use crate::cluster::world::World;

const REPLICAS: u64 = 3;

/// How long there are so many of everything.
const TOGETHER: Duration = Duration::from_secs(10);

pub async fn run(world: &World) -> Result<Verdict> {
    let mut disturbances = Disturbances::begin(world, world.arguments.rate).await?;
    let mut workloads = Vec::new();
    for service in SERVICES {
        say(&format!("{service} gets {REPLICAS} replicas"));
        let (workload, began) = (Workload::of_service(service).await?, Instant::now());
        workload.scale(REPLICAS, &world.undo).await?;
        disturbances.note(&format!("{service} up"), began).await;
        workloads.push((service, workload));
    }
    sleep(TOGETHER).await;
    for (service, workload) in workloads {
        say(&format!("{service} gives them back"));
        let began = Instant::now();
        workload.scale_back(&world.undo).await?;
        disturbances.note(&format!("{service} back"), began).await;
    }
    disturbances.end().await?.spotless_verdict(world).await
}
