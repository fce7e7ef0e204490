//! `cargo xtask cluster test`: the steps are in `e2e`, for they need what its tests need.

use std::ffi::OsString;
use std::process::ExitCode;

use anyhow::{Context, Result};
use clap::Args;
use tokio::signal::unix::{SignalKind, signal};

#[derive(Args)]
#[command(disable_help_flag = true)]
pub struct Test {
    /// Steps and options; `--help` explains them.
    #[arg(trailing_var_arg = true, allow_hyphen_values = true, value_name = "STEP")]
    arguments: Vec<OsString>,
}

impl Test {
    pub fn run(self) -> Result<ExitCode> {
        // Ctrl-C reaches both of us. The other one puts back what it has changed; until it has, somebody must wait for it.
        let _not_ours = signal(SignalKind::interrupt())?;
        let mut cargo = infra_local::cargo::command();
        cargo.args(["run", "--release", "--package", "e2e", "--bin", "cluster", "--"]);
        let status = cargo.args(self.arguments).status().context("cargo cannot be run")?;
        Ok(status.code().and_then(|code| u8::try_from(code).ok()).map_or(ExitCode::FAILURE, ExitCode::from))
    }
}
