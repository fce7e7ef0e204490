#![doc = include_str!("../README.md")]

mod bench;
mod cluster;
mod dead_letters;
mod images;
mod load;
mod seed;
mod test;
mod up;

use std::process::ExitCode;

use anyhow::Result;
use clap::{Parser, Subcommand};

/// The developer's commands: run the platform on this machine, fill it, test it.
#[derive(Parser)]
#[command(name = "cargo xtask", bin_name = "cargo xtask")]
struct Cli {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Run the whole platform: real servers, the six services, the edge. Ctrl-C stops it; its data stays.
    Up(up::Up),
    /// Fill a running platform with demo accounts and 300 listings. Harmless to repeat.
    Seed(seed::Seed),
    /// Check everything that CI checks: formatting, clippy, and all tests against real servers.
    Test(test::Test),
    /// Measure how fast the platform is on this machine, beside the limits underneath. It needs wrk on the PATH.
    Bench(bench::Bench),
    /// Send more and more visitors, who look, buy and sell, until the goal is missed; or many buyers who want the same few tickets.
    Load(load::Load),
    /// Build the container images of the six services.
    Images(images::Images),
    /// List messages that no listener could handle, publish them again or drop them.
    DeadLetters(dead_letters::DeadLetters),
    /// Run the platform on the cluster of the current kube context: prepare it, apply an overlay, test it, restore backups.
    Cluster(cluster::Cluster),
}

#[tokio::main]
async fn main() -> ExitCode {
    let result: Result<ExitCode> = match Cli::parse().command {
        Command::Up(up) => up.run().await,
        Command::Seed(seed) => seed.run().await,
        Command::Test(test) => test.run().await,
        Command::Bench(_) => bench::run(),
        Command::Load(load) => load.run().await,
        Command::Images(images) => images.run(),
        Command::DeadLetters(dead_letters) => dead_letters.run().await,
        Command::Cluster(cluster) => cluster.run().await,
    };
    result.unwrap_or_else(|error| {
        eprintln!("error: {error:#}");
        ExitCode::FAILURE
    })
}
