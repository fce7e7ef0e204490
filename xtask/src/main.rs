#![doc = include_str!("../README.md")]

mod cluster;
mod hosts;
mod images;
mod parked;
mod release;
mod scan;
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
    /// Fill a running platform with two demo accounts and 40 tickets. Harmless to repeat.
    Seed(seed::Seed),
    /// Look at messages that no listener could handle, publish them again or drop them.
    Parked(parked::Parked),
    /// Build the container images of the six services and of the `ops` tool.
    Images(images::Images),
    /// Look for known weaknesses in the images.
    Scan(scan::Scan),
    /// Sign the images that were pushed, and write their digests into the overlay `prod`.
    Release(release::Release),
    /// Lead ticketing.dev to a cluster on this machine, by a line of /etc/hosts. Harmless to repeat.
    Hosts(hosts::Hosts),
    /// Run the platform on the cluster of the current kube context: prepare it, apply an overlay, test it, restore backups.
    Cluster(cluster::Cluster),
    /// Check everything that CI checks: formatting, clippy, and all tests against real servers.
    Test(test::Test),
}

#[tokio::main]
async fn main() -> ExitCode {
    let result: Result<ExitCode> = match Cli::parse().command {
        Command::Up(up) => up.run().await,
        Command::Seed(seed) => seed.run().await,
        Command::Parked(parked) => parked.run().await,
        Command::Images(images) => images.run(),
        Command::Scan(scan) => scan.run(),
        Command::Release(release) => release.run(),
        Command::Hosts(hosts) => hosts.run(),
        Command::Cluster(cluster) => cluster.run().await,
        Command::Test(test) => test.run().await,
    };
    result.unwrap_or_else(|error| {
        eprintln!("error: {error:#}");
        ExitCode::FAILURE
    })
}
