#![doc = include_str!("../README.md")]

mod parked;
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
    /// Check everything that CI checks: formatting, clippy, and all tests against real servers.
    Test(test::Test),
}

#[tokio::main]
async fn main() -> ExitCode {
    let result: Result<ExitCode> = match Cli::parse().command {
        Command::Up(up) => up.run().await,
        Command::Seed(seed) => seed.run().await,
        Command::Parked(parked) => parked.run().await,
        Command::Test(test) => test.run().await,
    };
    result.unwrap_or_else(|error| {
        eprintln!("error: {error:#}");
        ExitCode::FAILURE
    })
}
