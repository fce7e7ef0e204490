//! `cargo xtask test`: everything that CI checks, with a heading and a time for each step.

use std::ffi::OsString;
use std::process::ExitCode;
use std::time::{Duration, Instant};

use anyhow::{Context, Result};
use clap::Args;
use infra_local::servers;

#[derive(Args)]
pub struct Test {
    /// Further arguments for `cargo test`, after `--`.
    #[arg(last = true)]
    arguments: Vec<OsString>,
}

impl Test {
    pub async fn run(self) -> Result<ExitCode> {
        let mut summary = Vec::new();
        let start = heading("servers: mongod, nats-server, redis-server");
        // First, so that the reason is plain if one cannot be had, and no test fails for it.
        servers::prefetch().await?;
        summary.push(("servers", start.elapsed()));

        let mut tests = vec!["test".into(), "--workspace".into()];
        tests.extend(self.arguments);
        let steps = [
            ("formatting", ["fmt", "--all", "--", "--check"].map(OsString::from).to_vec()),
            ("clippy", ["clippy", "--workspace", "--all-targets", "--", "-D", "warnings"].map(OsString::from).to_vec()),
            ("tests", tests),
        ];
        for (name, arguments) in steps {
            let start = heading(&format!("{name}: cargo {}", arguments.join(" ".as_ref()).display()));
            let code = cargo(&arguments)?;
            summary.push((name, start.elapsed()));
            if code != 0 {
                report(&summary, &format!("{name} failed"));
                return Ok(ExitCode::from(code));
            }
        }
        report(&summary, "all good");
        Ok(ExitCode::SUCCESS)
    }
}

fn heading(text: &str) -> Instant {
    eprintln!("\n=== {text}");
    Instant::now()
}

/// Runs cargo in our place and tells its exit code.
fn cargo(arguments: &[OsString]) -> Result<u8> {
    let status = infra_local::cargo::command().args(arguments).status().context("cargo cannot be run")?;
    Ok(status.code().and_then(|code| u8::try_from(code).ok()).unwrap_or(1))
}

fn report(summary: &[(&str, Duration)], verdict: &str) {
    eprintln!("\n=== {verdict}");
    for (name, time) in summary {
        eprintln!("{name:<12} {:>7.1} s", time.as_secs_f32());
    }
}
