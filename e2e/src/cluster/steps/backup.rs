mod jobs;
mod restore;

use anyhow::{Result, ensure};

use crate::cluster::kubectl;
use crate::cluster::kubectl::text;
use crate::cluster::report::{Verdict, say, seconds};
use crate::cluster::world::World;

pub async fn run(world: &World) -> Result<Verdict> {
    let found = kubectl::list(&["cronjobs", "--selector=app.kubernetes.io/component=backup"]).await?;
    let names: Vec<String> = found.iter().map(|cron_job| text(cron_job, "/metadata/name")).collect();
    ensure!(!names.is_empty(), "there is no CronJob with the label app.kubernetes.io/component: backup");
    for name in &names {
        let took = jobs::run(name, &world.undo).await?;
        say(&format!("{name} took {}", seconds(took)));
    }
    let mut failures = restore::tickets(world).await?;
    failures.extend(restore::streams(world).await?);
    failures.extend(world.check_books(&[]).await?);
    Ok(Verdict::new(format!("{} backups, 2 restored", names.len())).with(failures))
}
