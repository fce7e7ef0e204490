//! Every setting of the service.

use clap::Parser;
use common::config::{NatsConfig, OptionalFile, ProcessConfig, Secret};
use common::service::Configuration;

/// Deadlines of the orders of the ticketing platform.
#[derive(Clone, Debug, Parser)]
#[command(name = crate::NAME, version)]
#[allow(missing_docs, reason = "each group documents its own settings")]
pub struct Config {
    #[command(flatten)]
    pub process: ProcessConfig,
    #[command(flatten)]
    pub nats: NatsConfig,
    /// Redis: host, host:port, or a URL such as redis://user:password@host:6379/0 or rediss://host
    #[arg(long, env = "REDIS_HOST", hide_env_values = true)]
    pub redis_host: Secret,
    /// A file with the certificate of the authority that signed Redis's (PEM), for a rediss:// URL. Without it the system's authorities
    /// are trusted.
    #[arg(long, env = "REDIS_CA_FILE", default_value = "")]
    pub redis_ca_file: OptionalFile,
}

impl Configuration for Config {
    fn process(&self) -> &ProcessConfig {
        &self.process
    }
}
