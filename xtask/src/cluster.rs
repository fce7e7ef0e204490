//! `cargo xtask cluster`: the platform on the cluster of the current kube context.

mod apply;
mod certificate;
mod secrets;

use std::process::ExitCode;

use anyhow::{Result, ensure};
use clap::{Args, Subcommand};
use e2e::cluster::{Arguments, kubectl, restore};

#[derive(Args)]
pub struct Cluster {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Create the namespace, the Secrets and a certificate where they are missing. Harmless to repeat.
    Prepare {
        /// Create no certificate: cert-manager creates it, or the gateway has its own.
        #[arg(long)]
        no_certificate: bool,
    },
    /// Apply an overlay and wait until everything in it is ready.
    Apply(apply::Apply),
    /// Restore a backup: the dump of a service's database, or the streams. Its services are stopped meanwhile.
    Restore {
        /// Whose backup: a service with a MongoDB, or `nats` for the streams.
        #[arg(value_parser = ["auth", "tickets", "orders", "payments", "nats"])]
        store: String,
        /// Which one, by the name that the backup printed.
        #[arg(long, default_value = "latest")]
        from: String,
        /// Confirm that what is stored now is deleted.
        #[arg(long)]
        replace: bool,
    },
    /// Test the running platform, step by step: a sale, load, rollouts, deleted pods, backups and more.
    Test(Arguments),
}

impl Cluster {
    pub async fn run(self) -> Result<ExitCode> {
        if let Command::Test(arguments) = self.command {
            return e2e::cluster::run(arguments).await;
        }
        println!("context {}", kubectl::run(&["config", "current-context"]).await?.trim());
        match self.command {
            Command::Prepare { no_certificate } => {
                kubectl::show(&["apply", "--filename=infra/k8s/base/namespace.yaml"]).await?;
                secrets::create_missing().await?;
                if !no_certificate {
                    certificate::create_missing().await?;
                }
            }
            Command::Apply(apply) => apply.run().await?,
            Command::Restore { store, from, replace } => {
                ensure!(replace, "a restore deletes what is stored now: confirm with --replace");
                print!("{}", restore(&store, &from).await?);
            }
            Command::Test(_) => {}
        }
        Ok(ExitCode::SUCCESS)
    }
}
