//! Figures of the whole platform on this machine, with a release build, each beside the limit underneath that was measured in the same run:
//! `cargo xtask bench`, which starts `cargo bench -p e2e --bench figures`.
//!
//! It ends well whatever the figures are: they are to be read. wrk sends the requests, with 32 connections unless a row says otherwise.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a measurement that fails is none")]

#[path = "figures/calls.rs"]
mod calls;
#[path = "figures/events.rs"]
mod events;
#[path = "figures/full.rs"]
mod full;
#[path = "figures/limits.rs"]
mod limits;
#[path = "figures/market.rs"]
mod market;
#[path = "figures/options.rs"]
mod options;
#[allow(dead_code, reason = "the benchmark of live connections looks at more of it")]
#[path = "live/replica.rs"]
mod replica;
#[path = "figures/table.rs"]
mod table;
#[path = "figures/wrk.rs"]
mod wrk;

use clap::{Parser, ValueEnum};
use common::id::Id;
use infra_local::cargo;

use crate::calls::Calls;
use crate::limits::Limits;
use crate::market::Market;
use crate::options::{Options, Row};
use crate::table::{Line, markdown};

/// Tickets on sale while the stores are small.
const TICKETS: u32 = 100;

/// Long enough that no order ends meanwhile.
const LONG_WINDOW_SECONDS: u32 = 3600;

#[derive(Parser)]
#[command(name = "cargo xtask bench", bin_name = "cargo xtask bench")]
struct Cli {
    #[command(flatten)]
    options: Options,
}

#[tokio::main]
async fn main() {
    let Options { only, seconds, size, .. } = Cli::parse().options;
    let rows = Row::value_variants().iter().filter(|row| only.is_empty() || only.contains(row));
    let rows: Vec<Row> = rows.copied().collect();
    let folder = cargo::build(true).await.unwrap();
    println!("{}", machine());
    let mut lines = Vec::new();

    let market = Market::start(&folder, LONG_WINDOW_SECONDS).await;
    let on_sale = market.fill(TICKETS, 0, Id::generate(), Id::generate()).await;
    let limits = Limits::new(&market, on_sale[0]).await;
    let calls = Calls { market: &market, limits: &limits, seconds, on_sale: &on_sale };
    for row in &rows {
        let line = match row {
            Row::Journey => Some(events::journeys(&market, &limits).await),
            row => calls.measure(*row).await,
        };
        lines.extend(line.into_iter().map(told));
    }
    if let Some(orders) = size {
        let buyers = full::fill(&market, orders).await;
        for (row, line) in rows.iter().filter(|row| **row != Row::Events).zip(&mut lines) {
            let full = calls.measure(*row).await.map(told);
            line.full = full.and_then(|full| full.rate);
        }
        lines.extend(full::pages(&market, buyers).await.into_iter().map(told));
    }
    market.fleet.stop().await.unwrap();

    if rows.contains(&Row::Events) {
        let market = Market::start(&folder, events::WINDOW_SECONDS).await;
        lines.extend(events::spreading(&market, &folder).await.into_iter().map(told));
        market.fleet.stop().await.unwrap();
    }
    println!("\n{}\n\n{}", machine(), markdown(&lines));
}

/// Says what was measured at once: the whole takes minutes.
fn told(line: Line) -> Line {
    println!("{}", markdown(std::slice::from_ref(&line)).lines().last().unwrap_or_default());
    line
}

/// When and where.
fn machine() -> String {
    let read = |path| std::fs::read_to_string(path).unwrap_or_default();
    let model = read("/proc/cpuinfo")
        .lines()
        .find_map(|line| line.strip_prefix("model name")?.split_once(": ").map(|it| it.1.to_owned()));
    let cores = std::thread::available_parallelism().map_or(0, usize::from);
    let load = read("/proc/loadavg").split(' ').next().unwrap_or_default().to_owned();
    let now = common::timestamp::Timestamp::now();
    format!(
        "{now}, {cores} cores ({}), shared by services, stores and load; load average {load}",
        model.unwrap_or_default()
    )
}
