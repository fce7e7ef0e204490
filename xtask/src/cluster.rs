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
    /// Make what no manifest may hold, where it is missing: the namespace, the Secrets, a certificate. Harmless to repeat.
    Prepare {
        /// Make no certificate: cert-manager does, or the gateway brings its own.
        #[arg(long)]
        no_certificate: bool,
    },
    /// Apply an overlay and wait until everything in it is ready.
    Apply(apply::Apply),
    /// Put a backup back: the dump of a service's database, or the streams. Whoever uses it is stopped meanwhile.
    Restore {
        /// Whose backup: a service with a MongoDB, or `nats` for the streams.
        #[arg(value_parser = ["auth", "tickets", "orders", "payments", "nats"])]
        store: String,
        /// Which one, by the name that the backup printed.
        #[arg(long, default_value = "latest")]
        from: String,
        /// Throw away what is there now.
        #[arg(long)]
        replace: bool,
    },
    /// Try the running platform, step by step: a sale, load, rollouts, deaths, backups and more.
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
                ensure!(replace, "a restore throws away what is there now: say so with --replace");
                print!("{}", restore(&store, &from).await?);
            }
            Command::Test(_) => {}
        }
        Ok(ExitCode::SUCCESS)
    }
}
