//! The payment provider, which holds and moves the money. The only part of the service that is not ours.

mod sandbox;
mod stripe;

use std::sync::Arc;

use common::error::{ApiError, StartError};
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
    /// The attempt that was authorised.
    pub attempt: Id,
    /// The provider's id.
    pub stripe_id: String,
}

/// The provider's decision. The same attempt always gets the same one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Authorisation {
    /// The money is held, under the provider's id.
    Authorised(String),
    /// Declined, with a reason for the buyer.
    Declined(String),
}

/// Why the provider gave no decision.
#[derive(Clone, Debug, thiserror::Error)]
pub enum ProviderError {
    /// It cannot be reached, is busy or does not answer in time. It may have done what it was asked for.
    #[error("the provider is unavailable: {0}")]
    Unavailable(String),
    /// It rejects the call: a wrong key, or a mistake of ours.
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

impl From<ProviderError> for ApiError {
    fn from(error: ProviderError) -> Self {
        match error {
            ProviderError::Unavailable(cause) => Self::Unavailable(cause),
            ProviderError::Failed(cause) => Self::Internal(cause),
        }
    }
}

/// The operations of a provider. Each call may be repeated at any time: what is already done counts as done.
pub trait Provider: Send + Sync {
    /// Holds the amount on the card.
    fn authorise<'a>(&'a self, attempt: &'a Attempt) -> BoxFuture<'a, Result<Authorisation, ProviderError>>;

    /// Takes the money that is held.
    fn capture<'a>(&'a self, charge: &'a Charge) -> BoxFuture<'a, Result<(), ProviderError>>;

    /// Releases the money that is held.
    fn void<'a>(&'a self, charge: &'a Charge) -> BoxFuture<'a, Result<(), ProviderError>>;

    /// Refunds all of the money that was taken.
    fn refund<'a>(&'a self, charge: &'a Charge) -> BoxFuture<'a, Result<(), ProviderError>>;
}

/// The idempotency key of an operation on an attempt.
fn key(attempt: Id, operation: &str) -> String {
    format!("{attempt}-{operation}")
}

/// Stripe when there is a key, else the sandbox.
pub fn choose(config: &Config, database: &Database) -> Result<Arc<dyn Provider>, StartError> {
    match &config.stripe_key {
        Some(key) => {
            let stripe = Stripe::new(key, &config.stripe_api_base)?;
            tracing::info!(provider = "stripe", base = %config.stripe_api_base, "payments go to Stripe");
            Ok(Arc::new(stripe))
        }
        None => {
            tracing::info!(provider = "sandbox", "payments go to the sandbox, no money moves");
            Ok(Arc::new(Sandbox::new(database)))
        }
    }
}
