//! `cargo xtask parked`: messages that no listener could handle.

use std::process::ExitCode;
use std::time::Duration;

use anyhow::{Context, Result};
use clap::{Args, Subcommand};
use common::config::NatsConfig;
use common::nats::{self, Broker};
use common::parked;
use tokio::time::{Instant, sleep};

/// How long the broker may take to answer.
const ANSWER_LIMIT: Duration = Duration::from_secs(5);

#[derive(Args)]
pub struct Parked {
    /// The broker: that of `cargo xtask up`, unless another is named.
    #[arg(long, env = "NATS_URL", default_value = "nats://127.0.0.1:3021", hide_env_values = true, global = true)]
    nats_url: String,
    #[command(subcommand)]
    action: Action,
}

#[derive(Subcommand)]
enum Action {
    /// One line for each parked message: number, service, subject, when and why.
    List,
    /// One message with all that is known of it.
    Show {
        /// Its number in the list.
        number: u64,
    },
    /// Publish a message again, for example after the bug that parked it was mended, and drop it from the list. Every service
    /// that listens to its subject hears it, which is harmless.
    Replay {
        /// Its number in the list.
        number: u64,
    },
    /// Drop a message for good.
    Drop {
        /// Its number in the list.
        number: u64,
    },
}

impl Parked {
    pub async fn run(self) -> Result<ExitCode> {
        let broker = connect(&self.nats_url).await?;
        let jetstream = broker.jetstream();
        match self.action {
            Action::List => list(&parked::list(jetstream).await?),
            Action::Show { number } => show(&parked::show(jetstream, number).await?),
            Action::Replay { number } => {
                parked::replay(jetstream, number).await?;
                println!("message {number} was published again");
            }
            Action::Drop { number } => {
                parked::drop_message(jetstream, number).await?;
                println!("message {number} was dropped");
            }
        }
        Ok(ExitCode::SUCCESS)
    }
}

async fn connect(url: &str) -> Result<Broker> {
    let config = NatsConfig { nats_url: url.parse().map_err(anyhow::Error::msg)?, stream_replicas: 1 };
    let broker = nats::connect(&config, "xtask").await?;
    let until = Instant::now() + ANSWER_LIMIT;
    loop {
        match broker.ready().await {
            Ok(()) => return Ok(broker),
            Err(cause) if Instant::now() > until => {
                let hint = "is the platform up? (`cargo xtask up`, or --nats-url for another broker)";
                return Err(anyhow::Error::msg(cause)).context(format!("the broker does not answer; {hint}"));
            }
            Err(_) => sleep(Duration::from_millis(50)).await,
        }
    }
}

fn list(messages: &[parked::Parked]) {
    if messages.is_empty() {
        println!("nothing is parked");
    }
    for message in messages {
        let parked::Parked { number, service, subject, at, reason, .. } = message;
        println!("{number:>6}  {service:<10} {subject:<20} {at}  {reason}");
    }
}

fn show(message: &parked::Parked) {
    println!("number   {}", message.number);
    println!("service  {}", message.service);
    println!("subject  {}", message.subject);
    println!("parked   {}", message.at);
    println!("reason   {}", message.reason);
    println!("payload  {}", String::from_utf8_lossy(&message.payload));
}
