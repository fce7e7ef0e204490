//! A load that goes on while one thing after the other is disturbed.

use std::time::Duration;

use anyhow::Result;
use tokio::time::{Instant, sleep};

use super::load::{Figures, Load};
use super::platform::Platform;
use super::report::{Verdict, print_table, row, seconds};

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
    hidden: bool,
}

impl Disturbances {
    /// Begins the load, of so many orders per second.
    pub async fn begin(platform: &Platform, orders_per_second: u32) -> Result<Self> {
        let load = platform.load(orders_per_second).await?;
        sleep(CALM).await;
        Ok(Self { load, disturbed: Vec::new() })
    }

    /// Something was disturbed then and is ready now. Waits until no client has failed for some seconds. Where another stood in for it,
    /// it is `hidden`, and none may fail.
    pub async fn note(&mut self, name: &str, began: Instant, hidden: bool) {
        let ready = Instant::now();
        let is_calm = |load: &Load| ready.max(load.last_failure().unwrap_or(ready)).elapsed() >= CALM;
        while !is_calm(&self.load) && ready.elapsed() < RECOVERY_LIMIT {
            sleep(PAUSE).await;
        }
        let recovered = is_calm(&self.load);
        let (name, ended) = (name.to_owned(), Instant::now());
        self.disturbed.push(Disturbance { name, began, ready: ready - began, ended, recovered, hidden });
    }

    /// Ends the load and prints what the clients saw of each disturbance. They must recover from each, or, if they must see
    /// none, not see a failure at all; and the invariants must hold.
    pub async fn end(self, platform: &Platform, must_see_none: bool) -> Result<Verdict> {
        let record = self.load.stop().await?;
        let mut table = vec![row(["disturbed", "ready after", "failing until"].into_iter().chain(Figures::COLUMNS))];
        let (mut lines, mut problems) = (Vec::new(), Vec::new());
        for Disturbance { name, began, ready, ended, recovered, hidden } in self.disturbed {
            let figures = record.figures(Some(began), |request| (began..ended).contains(&request.sent));
            let until = figures.failing_until.map_or("-".to_owned(), seconds);
            table.push([name.clone(), seconds(ready), until].into_iter().chain(figures.row()).collect());
            lines.extend(figures.unusual().into_iter().map(|line| format!("{name}: {line}")));
            if hidden && figures.failed > 0 {
                problems.push(format!("{} requests failed, although another stood in for {name}", figures.failed));
            }
            if !recovered {
                problems.push(format!("clients still failed {} s after {name} was ready", RECOVERY_LIMIT.as_secs()));
            }
        }
        let all = record.all();
        table.push(["all".to_owned(), String::new(), String::new()].into_iter().chain(all.row()).collect());
        print_table(&table);
        lines.iter().for_each(|line| println!("  {line}"));
        if must_see_none && all.failed > 0 {
            problems.push(format!("{} requests failed", all.failed));
        }
        problems.extend(platform.violations(Some(&record.acknowledged)).await?);
        Ok(Verdict::new(all.to_string(), problems))
    }
}
