//! `cargo xtask cluster`: the platform on the cluster of the current kube context.

mod apply;
mod certificate;
mod kind;
mod kubectl;
mod prepare;
mod restore;
mod secrets;
mod stopped;
mod store_job;
mod stream_move;
mod test;

use std::process::ExitCode;

use anyhow::Result;
use clap::{Args, Subcommand};

/// Where everything lives.
const NAMESPACE: &str = "ticketing";

#[derive(Args)]
pub struct Cluster {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Create a kind cluster named `ticketing` with ingress-nginx on the ports 80 and 443. Needs docker and kind.
    Kind(kind::Kind),
    /// Make what no manifest may hold, where it is missing: the namespace, the Secrets, a certificate. Harmless to repeat.
    Prepare(prepare::Prepare),
    /// Apply an overlay and wait until everything in it is ready.
    Apply(apply::Apply),
    /// Put a backup back: the dump of a service's database, or the streams' snapshot.
    Restore(restore::Restore),
    /// Try the running platform: the whole sale, load, rollouts, deaths, policies, rotation, backups.
    Test(test::Test),
}

impl Cluster {
    pub async fn run(self) -> Result<ExitCode> {
        match self.command {
            Command::Kind(kind) => kind.run(),
            Command::Prepare(prepare) => prepare.run(),
            Command::Apply(apply) => apply.run(),
            Command::Restore(restore) => restore.run(),
            Command::Test(test) => test.run(),
        }
    }
}
