//! Every setting of the service.

use clap::Parser;
use common::config::{ApiConfig, LiveConfig, OperatorConfig, ProcessConfig};
use common::service::Configuration;

/// The orders of the ticketing platform: who has which ticket, until when, and whether it is paid.
#[derive(Clone, Debug, Parser)]
#[command(name = crate::NAME, version)]
#[allow(missing_docs, reason = "each group documents its own settings")]
pub struct Config {
    #[command(flatten)]
    pub process: ProcessConfig,
    #[command(flatten)]
    pub api: ApiConfig,
    #[command(flatten)]
    pub operators: OperatorConfig,
    #[command(flatten)]
    pub live: LiveConfig,
    /// How long a buyer has to pay, in seconds.
    #[arg(long, env = "EXPIRATION_WINDOW_SECONDS", default_value = "900", value_parser = clap::value_parser!(u64).range(..=604_800))]
    pub expiration_window_seconds: u64,
    /// How many unpaid orders a buyer may have at a time.
    #[arg(long, env = "OPEN_ORDERS_PER_BUYER", default_value = "5", value_parser = clap::value_parser!(i32).range(1..=1000))]
    pub open_orders_per_buyer: i32,
    /// How many orders of one ticket by one buyer may end unpaid within an hour.
    #[arg(long, env = "UNPAID_ORDERS_PER_TICKET", default_value = "3", value_parser = clap::value_parser!(u16).range(1..=1000))]
    pub unpaid_orders_per_ticket: u16,
}

impl Configuration for Config {
    fn process(&self) -> &ProcessConfig {
        &self.process
    }
}
