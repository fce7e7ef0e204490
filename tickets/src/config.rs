//! Every setting of the service.

use clap::Parser;
use common::config::{MongoConfig, NatsConfig, ProcessConfig, SessionConfig};
use common::service::Configuration;

/// The tickets of the ticketing platform: what is for sale, and which order holds it.
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
}

impl Configuration for Config {
    fn process(&self) -> &ProcessConfig {
        &self.process
    }
}
