//! Every setting of the service.

use clap::Parser;
use common::config::{MongoConfig, NatsConfig, ProcessConfig, Secret, SessionConfig};
use common::service::Configuration;
use reqwest::Url;

/// Payments of the ticketing platform: money moves only with the order.
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
    /// Stripe's secret key. Without it, or when it is empty, payments go to the sandbox and no money moves.
    #[arg(
        long,
        env = "STRIPE_KEY",
        hide_env_values = true,
        default_value = "",
        hide_default_value = true,
        value_parser = key_or_none
    )]
    pub stripe_key: StripeKey,
    /// Where Stripe's API is.
    #[arg(long, env = "STRIPE_API_BASE", default_value = "https://api.stripe.com")]
    pub stripe_api_base: Url,
}

/// A key, or none for the sandbox. An alias, because clap would take an empty `Option<Secret>` for a malformed one.
pub type StripeKey = Option<Secret>;

fn key_or_none(text: &str) -> Result<StripeKey, std::convert::Infallible> {
    Ok(text.trim().parse().ok())
}

impl Configuration for Config {
    fn process(&self) -> &ProcessConfig {
        &self.process
    }
}
