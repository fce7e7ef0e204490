//! `cargo xtask test`: everything that CI checks, with a heading and a time for each step.

use std::ffi::OsString;
use std::process::{Command, ExitCode, Stdio};
use std::time::{Duration, Instant};

use anyhow::{Context, Result};
use clap::Args;
use infra_local::{cargo, servers};

/// Installs the browser of e2e's tests where it is missing, as root of a Debian. Elsewhere those tests say what they do not check.
const INSTALL_BROWSER: &str = "command -v chromedriver || [ $(id -u) != 0 ] || ! command -v apt-get || {
    export DEBIAN_FRONTEND=noninteractive
    apt-get update && apt-get install --yes --no-install-recommends chromium chromium-driver fonts-dejavu-core
}";

#[derive(Args)]
pub struct Test {
    /// Further arguments for `cargo test`, after `--`.
    #[arg(last = true)]
    arguments: Vec<OsString>,
}

impl Test {
    pub async fn run(self) -> Result<ExitCode> {
        let mut summary = Vec::new();
        // Beside the build, which takes longer.
        let mut install = Command::new("sh");
        install.args(["-c", INSTALL_BROWSER]).stdin(Stdio::null()).stdout(Stdio::null());
        let mut browser = install.spawn().context("there is no sh on PATH")?;
        let start = heading("servers: mongod, nats-server, redis-server");
        // First, so that a server that cannot be installed is reported once and not by every test.
        servers::prefetch().await?;
        summary.push(("servers", start.elapsed()));

        let steps = [
            ("formatting", "fmt --all -- --check", Vec::new()),
            ("clippy", "clippy --workspace --all-targets -- -D warnings", Vec::new()),
            ("tests", "test --workspace --no-fail-fast", self.arguments),
        ];
        for (name, command, arguments) in steps {
            if name == "tests" {
                let _ = browser.wait();
            }
            let start = heading(&format!("{name}: cargo {command} {}", arguments.join(" ".as_ref()).display()));
            let status = cargo::command().args(command.split(' ')).args(arguments).status();
            let status = status.context("cargo cannot be run")?;
            summary.push((name, start.elapsed()));
            if !status.success() {
                report(&summary, &format!("{name} failed"));
                return Ok(status
                    .code()
                    .and_then(|code| u8::try_from(code).ok())
                    .map_or(ExitCode::FAILURE, ExitCode::from));
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

fn report(summary: &[(&str, Duration)], verdict: &str) {
    eprintln!("\n=== {verdict}");
    for (name, time) in summary {
        eprintln!("{name:<12} {:>7.1} s", time.as_secs_f32());
    }
}
