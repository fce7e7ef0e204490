//! `cargo xtask cluster restore`: a backup goes back where it came from.

use std::process::ExitCode;

use anyhow::Result;
use clap::Args;

use super::stopped::{self, Stopped};
use super::{kubectl, store_job};

#[derive(Args)]
pub struct Restore {
    /// Whose backup: a service with a MongoDB, or `nats` for the streams.
    #[arg(value_parser = ["auth", "tickets", "orders", "payments", "nats"])]
    store: String,
    /// Which one, by the name that the backup printed.
    #[arg(long, default_value = "latest")]
    from: String,
    /// Throw away what is there now.
    #[arg(long)]
    replace: bool,
}

impl Restore {
    pub fn run(self) -> Result<ExitCode> {
        println!("context {}", kubectl::context()?);
        let (store, subject, users) = match self.store.as_str() {
            "nats" => ("nats".to_owned(), "stream", stopped::ON_THE_STREAM.to_vec()),
            service => (format!("{service}-mongo"), "mongo", vec![service]),
        };
        let mut arguments = vec![subject, "restore", "--from", &self.from];
        if self.replace {
            arguments.push("--replace");
        }
        // Also after a failure the services run again.
        let mut stopped = Stopped::default();
        let restored = stopped.stop(&users).and_then(|()| store_job::run(&store, "restore", &arguments));
        restored.and(stopped.start())?;
        Ok(ExitCode::SUCCESS)
    }
}
