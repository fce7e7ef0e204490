use anyhow::Result;
use tokio::time::Instant;

use super::SERVICES;
use crate::cluster::disturbances::Disturbances;
use crate::cluster::report::{Verdict, say};
use crate::cluster::workloads::Workload;
use crate::cluster::world::World;

pub async fn run(world: &World) -> Result<Verdict> {
    let mut disturbances = Disturbances::begin(world, world.arguments.rate).await?;
    for service in SERVICES {
        say(&format!("{service} is rolled out"));
        let (workload, began) = (Workload::of_service(service).await?, Instant::now());
        workload.restart().await?;
        workload.wait_until_ready().await?;
        disturbances.note(service, began).await;
    }
    disturbances.end().await?.spotless_verdict(world).await
}
