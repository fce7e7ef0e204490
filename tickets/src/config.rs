//! Every setting of the service.

use clap::Parser;
use common::config::{ApiConfig, LiveConfig, OperatorConfig, ProcessConfig};
use common::service::Configuration;

use crate::models::price_cap::PriceCap;

/// The tickets of the ticketing platform: what is for sale, and which order holds it.
#[derive(Clone, Debug, Parser)]
#[command(name = crate::NAME, version)]
#[allow(missing_docs, reason = "each group documents its own settings")]
pub struct Config {
    #[command(flatten)]
    pub process: ProcessConfig,
    #[command(flatten)]
    pub api: ApiConfig,
    #[command(flatten)]
    pub live: LiveConfig,
    #[command(flatten)]
    pub operators: OperatorConfig,
    /// The most that a listing may cost, in percent of its face value; no limit by default. With a limit the face value is required.
    #[arg(long, env = "PRICE_CAP_PERCENT", default_value = "")]
    pub price_cap_percent: PriceCap,
    /// How many listings a seller may have on sale and reserved at a time; 0 means no limit.
    #[arg(long, env = "LIVE_TICKETS_PER_SELLER", default_value = "1000")]
    pub live_tickets_per_seller: u32,
}

impl Configuration for Config {
    fn process(&self) -> &ProcessConfig {
        &self.process
    }
}
