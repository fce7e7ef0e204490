//! The payment provider: who holds and moves the money. The only part of the service that is not ours.

mod sandbox;
mod stripe;

use std::sync::Arc;

use common::error::StartError;
use common::id::Id;
use common::money::Money;
use common::mongo::StoreError;
use futures::future::BoxFuture;
use mongodb::Database;

use crate::config::Config;

pub use sandbox::Sandbox;
pub use stripe::Stripe;

/// Money that is to be held on a card.
#[derive(Clone, Debug)]
pub struct Attempt {
    /// The attempt; its idempotency keys are made of it.
    pub id: Id,
    /// What is paid for.
    pub order_id: Id,
    /// How much.
    pub amount: Money,
    /// The card, as the provider's form named it: `tok_…` or `pm_…`.
    pub token: String,
}

/// Money that the provider holds or has taken.
#[derive(Clone, Debug)]
pub struct Charge {
    /// The attempt it came of.
    pub attempt: Id,
    /// The provider's id.
    pub stripe_id: String,
}

/// What the provider decided. The same attempt always gets the same decision.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Authorisation {
    /// The money is held, under the provider's id.
    Authorised(String),
    /// No, in words for the buyer.
    Declined(String),
}

/// Why the provider decided nothing.
#[derive(Clone, Debug, thiserror::Error)]
pub enum ProviderError {
    /// It cannot be reached, is busy or does not answer in time. It may have done what it was asked for.
    #[error("the provider is unavailable: {0}")]
    Unavailable(String),
    /// It refuses us: a wrong key, or something we should not have asked for.
    #[error("the provider failed: {0}")]
    Failed(String),
}

impl From<StoreError> for ProviderError {
    fn from(error: StoreError) -> Self {
        match error {
            StoreError::Unavailable(cause) => Self::Unavailable(cause),
            other => Self::Failed(other.to_string()),
        }
    }
}

/// What is asked of a provider. Each call may be repeated at any time: what is already done counts as done.
pub trait Provider: Send + Sync {
    /// Holds the amount on the card.
    fn authorise<'a>(&'a self, attempt: &'a Attempt) -> BoxFuture<'a, Result<Authorisation, ProviderError>>;

    /// Takes the money that is held.
    fn capture<'a>(&'a self, charge: &'a Charge) -> BoxFuture<'a, Result<(), ProviderError>>;

    /// Releases the money that is held.
    fn void<'a>(&'a self, charge: &'a Charge) -> BoxFuture<'a, Result<(), ProviderError>>;

    /// Gives back all of the money that was taken.
    fn refund<'a>(&'a self, charge: &'a Charge) -> BoxFuture<'a, Result<(), ProviderError>>;
}

/// The idempotency key of an operation on an attempt.
fn key(attempt: Id, operation: &str) -> String {
    format!("{attempt}-{operation}")
}

/// Stripe where there is a key, else the sandbox.
///
/// # Errors
/// When Stripe's key or address cannot be used.
pub fn choose(config: &Config, database: &Database) -> Result<Arc<dyn Provider>, StartError> {
    match &config.stripe_key {
        Some(key) => {
            let stripe = Stripe::new(key, &config.stripe_api_base)?;
            tracing::info!(provider = "stripe", base = %config.stripe_api_base, "payments go to Stripe");
            Ok(Arc::new(stripe))
        }
        None => {
            tracing::info!(provider = "sandbox", "test mode: no money moves");
            Ok(Arc::new(Sandbox::new(database)))
        }
    }
}
