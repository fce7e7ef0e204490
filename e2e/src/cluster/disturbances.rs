//! A load that goes on while one thing after the other is disturbed.

use std::sync::Arc;
use std::time::Duration;

use anyhow::Result;
use tokio::time::{Instant, sleep};

use super::load::{Figures, Load, Record};
use super::report::{Table, Verdict, seconds};
use super::world::World;

/// Before the first disturbance, and after each: failures that come late belong to the one before.
const CALM: Duration = Duration::from_secs(3);

/// How long clients may go on failing after what was disturbed is ready again.
const RECOVERY_LIMIT: Duration = Duration::from_secs(120);

const PAUSE: Duration = Duration::from_millis(200);

/// The load and what was disturbed so far.
pub struct Disturbances {
    load: Load,
    disturbed: Vec<Disturbance>,
}

struct Disturbance {
    name: String,
    began: Instant,
    /// When it was ready again.
    ready: Duration,
    ended: Instant,
    recovered: bool,
}

/// What was disturbed, and all that the clients saw.
pub struct Aftermath {
    record: Arc<Record>,
    disturbed: Vec<Disturbance>,
}

impl Disturbances {
    /// Begins the load, of so many orders per second.
    pub async fn begin(world: &World, orders_per_second: u32) -> Result<Self> {
        let load = world.load(orders_per_second).await?;
        sleep(CALM).await;
        Ok(Self { load, disturbed: Vec::new() })
    }

    /// Something was disturbed then and is ready now. Waits until no client has failed for a moment.
    pub async fn note(&mut self, name: &str, began: Instant) {
        let ready = Instant::now();
        let is_calm = |load: &Load| ready.max(load.last_failure().unwrap_or(ready)).elapsed() >= CALM;
        while !is_calm(&self.load) && ready.elapsed() < RECOVERY_LIMIT {
            sleep(PAUSE).await;
        }
        let recovered = is_calm(&self.load);
        let (name, ended) = (name.to_owned(), Instant::now());
        self.disturbed.push(Disturbance { name, began, ready: ready - began, ended, recovered });
    }

    /// Ends the load, and prints what the clients saw of each disturbance.
    pub async fn end(self) -> Result<Aftermath> {
        let aftermath = Aftermath { record: self.load.stop().await?, disturbed: self.disturbed };
        aftermath.print();
        Ok(aftermath)
    }
}

impl Aftermath {
    fn print(&self) {
        let columns = [&["disturbed", "ready after", "failing until"], Figures::COLUMNS.as_slice()].concat();
        let mut table = Table::new(&columns);
        let mut lines = Vec::new();
        for Disturbance { name, began, ready, ended, .. } in &self.disturbed {
            let figures = self.record.between(*began, *ended);
            let until = figures.failing_until.map_or("-".to_owned(), seconds);
            table.row([name.clone(), seconds(*ready), until].into_iter().chain(figures.row()));
            lines.extend(figures.unusual().into_iter().map(|line| format!("{name}: {line}")));
        }
        let all = self.record.figures();
        table.row(["all, pauses included", "", ""].map(str::to_owned).into_iter().chain(all.row()));
        table.print();
        lines.extend(all.unusual().into_iter().map(|line| format!("all, from the beginning of the load: {line}")));
        lines.iter().for_each(|line| println!("  {line}"));
    }

    /// Clients may have seen failures, but not for ever, and the books must be right.
    pub async fn verdict(&self, world: &World) -> Result<Verdict> {
        let never = self.disturbed.iter().filter(|disturbance| !disturbance.recovered);
        let never = never.map(|disturbance| {
            let limit = RECOVERY_LIMIT.as_secs();
            format!("clients still failed {limit} s after {} was ready again", disturbance.name)
        });
        let verdict = Verdict::new(self.record.figures().to_string()).with(never);
        Ok(verdict.with(world.check_books(&[&self.record.told]).await?))
    }

    /// Clients must not have seen a failure.
    pub async fn spotless_verdict(&self, world: &World) -> Result<Verdict> {
        let figures = self.record.figures();
        let failed = (figures.failed > 0).then(|| format!("{} requests failed", figures.failed));
        Ok(self.verdict(world).await?.with(failed))
    }
}
