use std::time::Duration;

use anyhow::Result;
use tokio::time::sleep;

use crate::cluster::load::{Figures, Kind, Record};
use crate::cluster::report::{Table, Verdict};
use crate::cluster::usage::{self, Reading};
use crate::cluster::world::World;

/// Connections and caches are not measured.
const WARM_UP: Duration = Duration::from_secs(5);

pub async fn run(world: &World) -> Result<Verdict> {
    let load = world.load(world.arguments.rate).await?;
    sleep(WARM_UP).await;
    let first = Reading::take().await?;
    sleep(Duration::from_secs(world.arguments.seconds)).await;
    let last = first.next().await?;
    let record = load.stop().await?;
    usage::print(&first, &last);
    print(&record);
    let figures = record.figures();
    let unsent = (figures.unsent > 0).then(|| format!("{} visits could not begin in time", figures.unsent));
    let failed = (figures.failed > 0).then(|| format!("{} requests failed", figures.failed));
    let verdict = Verdict::new(figures.to_string()).with(failed).with(unsent);
    Ok(verdict.with(world.check_books(&[&record.told]).await?))
}

fn print(record: &Record) {
    let mut table = Table::new(&[&["request"], Figures::COLUMNS.as_slice()].concat());
    for kind in Kind::ALL {
        table.row([kind.to_string()].into_iter().chain(record.of(kind).row()));
    }
    table.row(["all".to_owned()].into_iter().chain(record.figures().row()));
    table.print();
    record.figures().unusual().iter().for_each(|line| println!("  {line}"));
}
