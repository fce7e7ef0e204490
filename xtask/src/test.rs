//! `cargo xtask test`: everything that CI checks, with a heading and a time for each step.

mod changed;
mod workspace;

use std::ffi::OsString;
use std::process::ExitCode;
use std::time::{Duration, Instant};

use anyhow::{Context, Result};
use clap::Args;
use infra_local::servers;

use self::changed::Scope;
use self::workspace::Workspace;

#[derive(Args)]
pub struct Test {
    /// Only this crate; may be given several times.
    #[arg(short, long, value_name = "CRATE", conflicts_with = "changed_since")]
    package: Vec<String>,
    /// Only what differs since this commit: the crates that changed, those that use them or are tested with them, e2e and
    /// checks. Everything, if a file changed that concerns all crates, or if there is no such commit.
    #[arg(long, value_name = "COMMIT")]
    changed_since: Option<String>,
    /// Further arguments for `cargo test`, after `--`.
    #[arg(last = true)]
    arguments: Vec<OsString>,
}

impl Test {
    pub async fn run(self) -> Result<ExitCode> {
        let crates = self.crates()?;
        let mut summary = Vec::new();
        let start = heading("servers: mongod, nats-server, redis-server");
        // First, so that the reason is plain if one cannot be had, and no test fails for it.
        servers::prefetch().await?;
        summary.push(("servers", start.elapsed()));

        let words = |words: &[&str]| words.iter().map(OsString::from).collect::<Vec<_>>();
        let clippy = [words(&["clippy"]), crates.clone(), words(&["--all-targets", "--", "-D", "warnings"])].concat();
        let steps = [
            ("formatting", words(&["fmt", "--all", "--", "--check"])),
            ("clippy", clippy),
            ("tests", [words(&["test"]), crates, self.arguments].concat()),
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

    /// Which crates, as cargo is told.
    fn crates(&self) -> Result<Vec<OsString>> {
        let scope = match &self.changed_since {
            Some(commit) => changed::since(commit, &Workspace::read()?)?,
            None if self.package.is_empty() => return Ok(vec!["--workspace".into()]),
            None => Scope::only(&self.package),
        };
        heading("scope");
        eprint!("{scope}");
        Ok(match scope {
            Scope::Everything(_) => vec!["--workspace".into()],
            Scope::Crates(crates) => crates.into_keys().flat_map(|name| ["--package".into(), name.into()]).collect(),
        })
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
