//! Every setting of the service.

use std::time::Duration;

use clap::{Parser, ValueEnum};
use common::config::{ApiConfig, OperatorConfig, OptionalSecret, ProcessConfig, secret_or_none};
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
    pub api: ApiConfig,
    #[command(flatten)]
    pub operators: OperatorConfig,
    /// Who holds and moves the money.
    #[arg(long, env = "PAYMENT_PROVIDER", value_enum, default_value = "sandbox")]
    pub payment_provider: Choice,
    /// Stripe's secret key. Needed with PAYMENT_PROVIDER=stripe, and refused without: a forgotten setting must not send money to the
    /// sandbox. An empty one is none.
    #[arg(
        long,
        env = "STRIPE_KEY",
        hide_env_values = true,
        default_value = "",
        hide_default_value = true,
        value_parser = secret_or_none
    )]
    pub stripe_key: OptionalSecret,
    /// The secret that Stripe signs its webhooks with (whsec_…). Without it, or when it is empty, POST /api/payments/webhook is 404,
    /// and the sweep finds out by itself, later.
    #[arg(
        long,
        env = "STRIPE_WEBHOOK_SECRET",
        hide_env_values = true,
        default_value = "",
        hide_default_value = true,
        value_parser = secret_or_none
    )]
    pub stripe_webhook_secret: OptionalSecret,
    /// Where Stripe's API is.
    #[arg(long, env = "STRIPE_API_BASE", default_value = "https://api.stripe.com")]
    pub stripe_api_base: Url,
    /// How long one operation at Stripe may take, in milliseconds. A request waits for at most a few of them.
    #[arg(
        long,
        env = "STRIPE_TIMEOUT_MS",
        default_value = "5000",
        value_parser = clap::value_parser!(u64).range(50..=5000)
    )]
    pub stripe_timeout_ms: u64,
}

/// A provider.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Choice {
    /// Stripe's test cards, and no money moves.
    Sandbox,
    /// Real money, unless the key is one of Stripe's test keys.
    Stripe,
}

impl Config {
    /// How long one operation at Stripe may take.
    pub fn stripe_limit(&self) -> Duration {
        Duration::from_millis(self.stripe_timeout_ms)
    }
}

impl Configuration for Config {
    fn process(&self) -> &ProcessConfig {
        &self.process
    }
}
