//! `cargo xtask load`: more and more visitors come, until the goal is missed.

#[allow(dead_code, reason = "the load generator reads what is only passed on here")]
#[path = "../../load/src/options.rs"]
mod options;

use std::process::ExitCode;
use std::time::Duration;

use anyhow::{Result, ensure};
use e2e::invariants::{EventLog, Snapshot, least_id};
use e2e::stores::Stores;
use infra_local::fleet::{Options, Output, Programs};
use infra_local::{Fleet, cargo};

pub use options::Options as Load;

/// The limits that visitors from one address would reach.
const LIMITS: [&str; 3] = ["WRITES_PER_MINUTE", "ADDRESS_WRITES_PER_MINUTE", "CREDENTIALS_PER_MINUTE"];

impl Load {
    pub async fn run(self) -> Result<ExitCode> {
        if self.url.is_some() {
            return send(&[]).map(|()| ExitCode::SUCCESS);
        }
        let log = Output::file(&std::env::temp_dir().join("ticketing-load.log"))?;
        let options = Options { programs: Programs::Build { release: true }, ..Options::temporary(log) };
        let fleet = Fleet::start(LIMITS.into_iter().fold(options, |it, limit| it.with_all(limit, "1000000"))).await?;
        fleet.wait_ready(Duration::from_secs(60)).await?;
        send(&["--url", &fleet.url()])?;
        let (stores, mut events) = (Stores::of_fleet(&fleet).await, EventLog::default());
        let all = least_id(common::timestamp::Timestamp::from_millis(0));
        let snapshot = Snapshot::settled(&stores, all, &mut events, Duration::from_secs(120)).await?;
        fleet.stop().await?;
        println!("{}", snapshot.counts().join("\n"));
        let violations = snapshot.violations();
        ensure!(violations.is_empty(), "invariants do not hold:\n{}", violations.join("\n"));
        println!("every invariant holds");
        Ok(ExitCode::SUCCESS)
    }
}

/// Builds the load generator with optimisation, which reads our arguments once more, and these.
fn send(further: &[&str]) -> Result<()> {
    let run = ["run", "--quiet", "--release", "--manifest-path=load/Cargo.toml", "--target-dir=target/load", "--"];
    let sent = cargo::command().args(run).args(std::env::args_os().skip(2)).args(further).status()?;
    ensure!(sent.success(), "the load has ended badly (see above)");
    Ok(())
}
