//! `cargo xtask bench`: how fast the platform is on this machine.

#[allow(dead_code, reason = "the benchmark reads what is only passed on here")]
#[path = "../../e2e/benches/figures/options.rs"]
mod options;

use std::process::ExitCode;

use anyhow::{Context, Result};
use infra_local::cargo;

pub use options::Options as Bench;

/// Builds the benchmark with optimisation, which then reads our arguments once more.
pub fn run() -> Result<ExitCode> {
    let bench = ["bench", "--quiet", "-p", "e2e", "--bench", "figures", "--"];
    let status =
        cargo::command().args(bench).args(std::env::args_os().skip(2)).status().context("cargo cannot be run")?;
    Ok(if status.success() { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}
