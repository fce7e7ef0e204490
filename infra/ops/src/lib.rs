#![doc = include_str!("../README.md")]

pub mod backups;
pub mod cli;
pub mod mongo;
pub mod patience;
pub mod reach;
pub mod settings;
pub mod stream;
pub mod words;

use std::io;
use std::process::ExitCode;
use std::time::Duration;

use anyhow::{Result, anyhow};
use clap::Parser;
use clap::error::ErrorKind;
use tokio::signal::unix::{SignalKind, signal};

use crate::cli::Cli;
use crate::settings::Usage;
use crate::words::in_words;

/// The exit code of a command that was used wrongly (EX_USAGE of sysexits.h).
const USAGE: u8 = 64;

/// Runs the command that the process was started with.
///
/// Exits with 0 when it is done, 64 when a setting is missing or malformed, 1 for everything else. What is done goes to
/// standard output, a line for each step; why it failed goes to standard error.
pub fn run() -> ExitCode {
    let cli = match Cli::try_parse() {
        Ok(cli) => cli,
        Err(error) => {
            let _ = error.print();
            let asked = matches!(error.kind(), ErrorKind::DisplayHelp | ErrorKind::DisplayVersion);
            return if asked { ExitCode::SUCCESS } else { ExitCode::from(USAGE) };
        }
    };
    let runtime = match tokio::runtime::Builder::new_multi_thread().enable_all().build() {
        Ok(runtime) => runtime,
        Err(error) => return failed(&anyhow!(error).context("no runtime")),
    };
    let result = runtime.block_on(run_until_signalled(cli));
    // The drivers' own tasks must not keep the process.
    runtime.shutdown_timeout(Duration::from_secs(1));
    match result {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => failed(&error),
    }
}

/// In a container this is process 1, which hears no signal that it does not ask for.
async fn run_until_signalled(cli: Cli) -> Result<()> {
    tokio::select! {
        result = cli.run() => result,
        Err(error) = signalled() => Err(error),
    }
}

async fn signalled() -> Result<()> {
    let listen = |kind| signal(kind).map_err(|error: io::Error| anyhow!(error).context("no signals"));
    let (mut terminate, mut interrupt) = (listen(SignalKind::terminate())?, listen(SignalKind::interrupt())?);
    tokio::select! {
        _ = terminate.recv() => Err(anyhow!("stopped by SIGTERM")),
        _ = interrupt.recv() => Err(anyhow!("stopped by SIGINT")),
    }
}

fn failed(error: &anyhow::Error) -> ExitCode {
    eprintln!("ops: {}", in_words(error));
    if error.is::<Usage>() { ExitCode::from(USAGE) } else { ExitCode::FAILURE }
}
