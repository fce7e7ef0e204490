use anyhow::Result;

use crate::cluster::report::{Verdict, say};
use crate::cluster::world::World;
use crate::story;

pub async fn run(world: &World) -> Result<Verdict> {
    let site = world.site().await?;
    say("a sale through the API");
    story::sale(site).await;
    say("a sale through the pages");
    story::pages(site).await;
    Ok(Verdict::new("two sales").with(world.check_books(&[]).await?))
}
