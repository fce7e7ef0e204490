//! Every setting of the service.

use std::num::NonZeroU32;

use clap::Parser;
use common::config::{CallerConfig, MongoConfig, NatsConfig, ProcessConfig, SessionConfig, WritesConfig};
use common::service::Configuration;

/// Accounts and sessions of the ticketing platform.
#[derive(Clone, Debug, Parser)]
#[command(name = crate::NAME, version)]
#[allow(missing_docs, reason = "each group documents its own settings")]
pub struct Config {
    #[command(flatten)]
    pub process: ProcessConfig,
    #[command(flatten)]
    pub callers: CallerConfig,
    #[command(flatten)]
    pub writes: WritesConfig,
    #[command(flatten)]
    pub mongo: MongoConfig,
    #[command(flatten)]
    pub nats: NatsConfig,
    #[command(flatten)]
    pub session: SessionConfig,
    /// How many attempts to sign up or in one IP address has within a minute, per replica.
    #[arg(long, env = "CREDENTIALS_PER_MINUTE", default_value = "100")]
    pub credentials_per_minute: NonZeroU32,
}

impl Configuration for Config {
    fn process(&self) -> &ProcessConfig {
        &self.process
    }
}
