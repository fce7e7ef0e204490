//! The payment provider, which holds and moves the money. The only part of the service that is not ours.

mod sandbox;
mod stripe;

use std::fmt;
use std::sync::Arc;

use common::error::{ApiError, StartError};
use common::id::Id;
use common::money::Money;
use common::mongo::StoreError;
use common::timestamp::Timestamp;
use futures::future::BoxFuture;
use mongodb::Database;

use crate::config::{Choice, Config};

pub use sandbox::Sandbox;
pub use stripe::{Signature, Stripe};

/// Names an attempt at the provider: idempotency keys are made of the order and the number.
#[derive(Clone, Debug)]
pub struct Attempt {
    /// What is paid for.
    pub order_id: Id,
    /// Which attempt of the order it is, from 0.
    pub number: i32,
    /// How much is to be held.
    pub amount: Money,
}

impl Attempt {
    /// What no other attempt has.
    fn key(&self) -> String {
        format!("{}-{}", self.order_id, self.number)
    }
}

/// What the provider says of an intent.
#[derive(Clone, PartialEq, Eq)]
pub enum IntentState {
    /// Nothing is held. Not an end: a confirmation may be on its way, or the buyer may confirm again with the client secret.
    Unconfirmed,
    /// The bank wants the buyer to confirm, with this secret.
    NeedsAction {
        /// What the provider's script, or the sandbox's page, confirms with.
        client_secret: String,
    },
    /// The bank has not decided yet.
    Processing,
    /// The money is held.
    Authorised,
    /// The money was taken, also when it was refunded afterwards.
    Captured,
    /// Nothing is held and nothing ever will be.
    Cancelled,
}

impl IntentState {
    /// What the buyer confirms it by, when the bank wants that.
    pub fn into_client_secret(self) -> Option<String> {
        match self {
            Self::NeedsAction { client_secret } => Some(client_secret),
            _ => None,
        }
    }
}

impl fmt::Debug for IntentState {
    /// Without the client secret: whoever has it can confirm.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Unconfirmed => "Unconfirmed",
            Self::NeedsAction { .. } => "NeedsAction",
            Self::Processing => "Processing",
            Self::Authorised => "Authorised",
            Self::Captured => "Captured",
            Self::Cancelled => "Cancelled",
        })
    }
}

/// An intent to pay, under the provider's id.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Intent {
    /// The provider's id.
    pub id: String,
    /// Where it stands.
    pub state: IntentState,
}

/// What a confirmation led to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Confirmation {
    /// The intent has this state now.
    Intent(IntentState),
    /// The card was declined, with a reason for the buyer. Nothing is held.
    Declined(String),
}

/// Where a refund stands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Refund {
    /// It is under way.
    Pending,
    /// The provider has sent all of the money.
    Succeeded,
    /// The bank did not take it. It is not tried again: a person has to find another way.
    Failed(String),
}

/// Why the provider did not do what it was asked for.
#[derive(Clone, Debug, thiserror::Error)]
pub enum ProviderError {
    /// It cannot be reached, is busy or does not answer in time. It may have done what it was asked for.
    #[error("the provider is unavailable: {0}")]
    Unavailable(String),
    /// The state of this intent forbids it, now and for ever.
    #[error("the provider refuses: {0}")]
    Refused(String),
    /// It rejects the call: a wrong key, an intent of another account, or a mistake of ours. It says nothing about the money.
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
            ProviderError::Refused(cause) | ProviderError::Failed(cause) => Self::Internal(cause),
        }
    }
}

/// An intent that was found by its time.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Found {
    /// The intent.
    pub intent: Intent,
    /// What it pays for.
    pub order_id: Id,
    /// Which attempt of the order it is; 0 for one that an earlier version made.
    pub number: i32,
    /// The payment whose attempt it is, when an earlier version made it.
    pub payment_id: Option<Id>,
    /// How much.
    pub amount: Money,
    /// All of the money that was taken has been refunded.
    pub is_refunded: bool,
}

impl fmt::Display for Found {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} of order {}, {}, {:?}", self.intent.id, self.order_id, self.amount, self.intent.state)
    }
}

/// An entry of a list of intents.
pub type Listed = Result<Found, ProviderError>;

/// The operations of a provider. Each takes at most 5 s, and may be repeated at any time: what is already done counts as
/// done. After [`ProviderError::Unavailable`] only a look tells what was done.
pub trait Provider: Send + Sync {
    /// Creates an unconfirmed intent that holds nothing, or finds the one of this attempt, whatever its state is by now.
    fn create<'a>(&'a self, attempt: &'a Attempt) -> BoxFuture<'a, Result<Intent, ProviderError>>;

    /// Asks the bank to hold the amount on the card: `tok_…` or `pm_…`.
    fn confirm<'a>(&'a self, intent: &'a str, token: &'a str) -> BoxFuture<'a, Result<Confirmation, ProviderError>>;

    /// Where the intent stands.
    fn look<'a>(&'a self, intent: &'a str) -> BoxFuture<'a, Result<IntentState, ProviderError>>;

    /// Cancels the intent and releases what it holds. Believe only the state that is returned: an intent that was captured stays
    /// captured.
    fn cancel<'a>(&'a self, intent: &'a str) -> BoxFuture<'a, Result<IntentState, ProviderError>>;

    /// Takes the money that is held. Refused when it never will be.
    fn capture<'a>(&'a self, intent: &'a str) -> BoxFuture<'a, Result<IntentState, ProviderError>>;

    /// Refunds all of the money that was taken, unless a refund is there already. `stripe_id` is an intent, or `ch_…`, a charge of
    /// the original.
    fn refund<'a>(&'a self, stripe_id: &'a str) -> BoxFuture<'a, Result<Refund, ProviderError>>;

    /// The intents of orders that were made since then. One that cannot be read is there as an error that names it.
    fn intents<'a>(&'a self, since: Timestamp) -> BoxFuture<'a, Result<Vec<Listed>, ProviderError>>;

    /// The sandbox, when this is it: there the buyer confirms with us.
    fn sandbox(&self) -> Option<&Sandbox> {
        None
    }
}

/// The provider that the configuration names.
///
/// # Errors
/// When Stripe's key is missing, or is there and Stripe is not chosen: money must not go to the sandbox by a forgotten setting.
pub fn choose(config: &Config, database: &Database) -> Result<Arc<dyn Provider>, StartError> {
    match (config.payment_provider, &config.stripe_key) {
        (Choice::Stripe, Some(key)) => {
            let stripe = Stripe::new(key, &config.stripe_api_base, config.stripe_limit())?;
            tracing::info!(provider = "stripe", base = %config.stripe_api_base, "payments go to Stripe");
            Ok(Arc::new(stripe))
        }
        (Choice::Stripe, None) => Err(StartError::configuration("STRIPE_KEY", "PAYMENT_PROVIDER=stripe needs it")),
        (Choice::Sandbox, Some(_)) => Err(StartError::configuration(
            "PAYMENT_PROVIDER",
            "STRIPE_KEY is set, but the provider is the sandbox, where no money moves: \
             set PAYMENT_PROVIDER=stripe, or remove STRIPE_KEY",
        )),
        (Choice::Sandbox, None) => {
            tracing::info!(provider = "sandbox", "payments go to the sandbox, no money moves");
            Ok(Arc::new(Sandbox::new(database)))
        }
    }
}
