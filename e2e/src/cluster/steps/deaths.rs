use anyhow::Result;
use tokio::time::Instant;

use crate::cluster::disturbances::Disturbances;
use crate::cluster::report::{Verdict, say};
use crate::cluster::workloads;
use crate::cluster::world::World;

pub async fn run(world: &World) -> Result<Verdict> {
    let mut disturbances = Disturbances::begin(world, world.arguments.rate).await?;
    for workload in workloads::all().await? {
        for pod in workload.pods().await? {
            say(&format!("{} is deleted", pod.name));
            let began = Instant::now();
            pod.delete().await?;
            workload.wait_until_ready().await?;
            disturbances.note(&pod.name, began).await;
        }
    }
    disturbances.end().await?.verdict(world).await
}
