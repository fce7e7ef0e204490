//! Every setting of the service.

use clap::Parser;
use common::config::{LiveConfig, MongoConfig, NatsConfig, OperatorConfig, ProcessConfig, SessionConfig};
use common::service::Configuration;

/// The orders of the ticketing platform: who has which ticket, until when, and whether it is paid.
#[derive(Clone, Debug, Parser)]
#[command(name = crate::NAME, version)]
#[allow(missing_docs, reason = "each group documents its own settings")]
pub struct Config {
    #[command(flatten)]
    pub process: ProcessConfig,
    #[command(flatten)]
    pub mongo: MongoConfig,
    #[command(flatten)]
    pub nats: NatsConfig,
    #[command(flatten)]
    pub session: SessionConfig,
    #[command(flatten)]
    pub operators: OperatorConfig,
    #[command(flatten)]
    pub live: LiveConfig,
    /// How long a buyer has to pay, in seconds.
    #[arg(long, env = "EXPIRATION_WINDOW_SECONDS", default_value = "900", value_parser = clap::value_parser!(u64).range(..=604_800))]
    pub expiration_window_seconds: u64,
}

impl Configuration for Config {
    fn process(&self) -> &ProcessConfig {
        &self.process
    }
}
