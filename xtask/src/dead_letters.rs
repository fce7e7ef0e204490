//! `cargo xtask dead-letters`: messages that no listener could handle.

use std::process::ExitCode;

use anyhow::{Context, Result};
use clap::{Args, Subcommand};
use common::config::{NatsConfig, OptionalFile};
use common::dead_letters::{self, DeadLetter};
use common::nats::{self, Broker};

#[derive(Args)]
pub struct DeadLetters {
    /// The broker; by default that of `cargo xtask up`.
    #[arg(long, env = "NATS_URL", default_value = "nats://127.0.0.1:3021", hide_env_values = true, global = true)]
    nats_url: String,
    /// The certificate of the authority that signed the broker's, where it has one.
    #[arg(long, env = "NATS_CA_FILE", default_value = "", global = true)]
    nats_ca_file: OptionalFile,
    #[command(subcommand)]
    action: Action,
}

#[derive(Subcommand)]
enum Action {
    /// One line for each dead letter: number, service, subject, when and why.
    List,
    /// One dead letter with all that is known of it.
    Show {
        /// Its number in the list.
        number: u64,
    },
    /// Publish a message again, for example after a bug was fixed, and drop its dead letter. Every service that listens to its
    /// subject handles it once more, which is harmless.
    Replay {
        /// Its number in the list.
        number: u64,
    },
    /// Drop a dead letter for good.
    Drop {
        /// Its number in the list.
        number: u64,
    },
}

impl DeadLetters {
    pub async fn run(self) -> Result<ExitCode> {
        let url = self.nats_url.parse().map_err(anyhow::Error::msg)?;
        let broker = connect(&NatsConfig { nats_ca_file: self.nats_ca_file, ..NatsConfig::at(url) }).await?;
        let jetstream = broker.jetstream();
        match self.action {
            Action::List => list(&dead_letters::list(jetstream).await?),
            Action::Show { number } => show(&dead_letters::show(jetstream, number).await?),
            Action::Replay { number } => {
                dead_letters::replay(jetstream, number).await?;
                println!("message {number} was published again");
            }
            Action::Drop { number } => {
                dead_letters::drop_message(jetstream, number).await?;
                println!("dead letter {number} was dropped");
            }
        }
        Ok(ExitCode::SUCCESS)
    }
}

async fn connect(config: &NatsConfig) -> Result<Broker> {
    let broker = nats::connect(config, "xtask").await?;
    let hint = "the broker does not answer; is the platform up? (`cargo xtask up`, or --nats-url for another broker)";
    // Not `ready`, which would create or change the streams.
    broker.jetstream().query_account().await.context(hint)?;
    Ok(broker)
}

fn list(letters: &[DeadLetter]) {
    if letters.is_empty() {
        println!("there are no dead letters");
    }
    for DeadLetter { number, service, subject, at, reason, .. } in letters {
        println!("{number:>6}  {service:<10} {subject:<20} {at}  {reason}");
    }
}

fn show(letter: &DeadLetter) {
    println!("number   {}", letter.number);
    println!("service  {}", letter.service);
    println!("subject  {}", letter.subject);
    println!("stored   {}", letter.at);
    println!("reason   {}", letter.reason);
    println!("payload  {}", String::from_utf8_lossy(&letter.payload));
}
