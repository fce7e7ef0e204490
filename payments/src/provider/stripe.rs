//! Stripe: PaymentIntents that are captured by hand.
//!
//! Stripe remembers the answer to a call with an idempotency key for a day, an answer 500 included, whether or not the call was
//! done. So only the creation of an intent has a key: one that fails is not repeated by us, the next attempt has another number.
//! What changes an intent is guarded by the intent's own state, at Stripe, and is settled by a look.

mod intent;
mod signature;
mod wire;

use std::time::Duration;

use common::config::Secret;
use common::error::StartError;
use common::timestamp::Timestamp;
use futures::FutureExt;
use futures::future::BoxFuture;
use reqwest::Url;
use tokio::time::timeout;

use super::{Attempt, Confirmation, Intent, IntentState, Listed, Provider, ProviderError, Refund};
use intent::{IntentObject, RefundObject};
use wire::{Page, Wire};

pub use signature::Signature;

/// How many objects a page has; the most that Stripe gives.
const PAGE: &str = "100";

/// Stripe's API under a secret key, which is never logged.
pub struct Stripe {
    wire: Wire,
    limit: Duration,
}

impl Stripe {
    /// The API at this address. No operation takes longer than `limit`.
    pub fn new(secret: &Secret, base: &Url, limit: Duration) -> Result<Self, StartError> {
        if secret.expose().starts_with("pk_") {
            return Err(StartError::configuration("STRIPE_KEY", "it is a publishable key, the secret key is needed"));
        }
        Ok(Self { wire: Wire::new(secret, base)?, limit })
    }

    async fn create_intent(&self, attempt: &Attempt) -> Result<Intent, ProviderError> {
        let amount_cents = attempt.amount.cents().to_string();
        let (order_id, number) = (attempt.order_id.to_string(), attempt.number.to_string());
        let form = [
            ("amount", amount_cents.as_str()),
            ("currency", "usd"),
            ("capture_method", "manual"),
            ("payment_method_types[]", "card"),
            ("metadata[order_id]", &order_id),
            ("metadata[attempt]", &number),
        ];
        let key = format!("{}-create", attempt.key());
        let (intent, is_replayed) = self.wire.post_once::<IntentObject>(&["payment_intents"], &key, &form).await?;
        if !intent.is_of(attempt) {
            return Err(ProviderError::Failed(format!("{} is not what was asked for", intent.id)));
        }
        // The answer of the first call is that of then.
        let state = if is_replayed { self.read(&intent.id).await? } else { intent.state()? };
        Ok(Intent { id: intent.id, state })
    }

    async fn confirm_intent(&self, intent: &str, token: &str) -> Result<Confirmation, ProviderError> {
        let form = if token.starts_with("pm_") {
            vec![("payment_method", token)]
        } else {
            vec![("payment_method_data[type]", "card"), ("payment_method_data[card][token]", token)]
        };
        let problem = match self.wire.post::<IntentObject>(&["payment_intents", intent, "confirm"], &form).await {
            Ok(intent) => return Ok(Confirmation::Intent(intent.state()?)),
            Err(problem) => problem,
        };
        if problem.is_about_the_state() {
            return match self.read(intent).await? {
                IntentState::Unconfirmed | IntentState::Cancelled => Err(problem.into()),
                confirmed_before => Ok(Confirmation::Intent(confirmed_before)),
            };
        }
        match problem.status {
            402 => Ok(Confirmation::Declined(problem.message)),
            400 if problem.is_about_card_or_amount() => Ok(Confirmation::Declined(problem.message)),
            _ => Err(problem.into()),
        }
    }

    async fn cancel_intent(&self, intent: &str) -> Result<IntentState, ProviderError> {
        match self.wire.post::<IntentObject>(&["payment_intents", intent, "cancel"], &[]).await {
            Ok(intent) => intent.state(),
            Err(problem) => match (self.read(intent).await?, ProviderError::from(problem)) {
                (ended @ (IntentState::Cancelled | IntentState::Captured), _) => Ok(ended),
                (state, ProviderError::Refused(_)) => Ok(state),
                (_, error) => Err(error),
            },
        }
    }

    async fn capture_intent(&self, intent: &str) -> Result<IntentState, ProviderError> {
        match self.wire.post::<IntentObject>(&["payment_intents", intent, "capture"], &[]).await {
            Ok(intent) => intent.state(),
            Err(problem) => match self.read(intent).await? {
                IntentState::Captured => Ok(IntentState::Captured),
                IntentState::Processing => Ok(IntentState::Processing),
                _ => Err(problem.into()),
            },
        }
    }

    /// Needs no key: Stripe never refunds more than was taken.
    async fn refund_all(&self, stripe_id: &str) -> Result<Refund, ProviderError> {
        // The original stored the id of the charge, which had no intent.
        let of = (if stripe_id.starts_with("ch_") { "charge" } else { "payment_intent" }, stripe_id);
        if let Some(earlier) = self.earlier_refund(of).await? {
            return Ok(earlier);
        }
        match self.wire.post::<RefundObject>(&["refunds"], &[of]).await {
            Ok(refund) => Ok(refund.refund()),
            // Another call has made it meanwhile, and it may be under way.
            Err(problem) if problem.code == "charge_already_refunded" => {
                Ok(self.earlier_refund(of).await?.unwrap_or(Refund::Succeeded))
            }
            // Our balance at Stripe does not cover it now.
            Err(problem) if problem.status == 402 || problem.code == "balance_insufficient" => {
                Err(ProviderError::Unavailable(problem.to_string()))
            }
            Err(problem) => Err(problem.into()),
        }
    }

    async fn earlier_refund(&self, of: (&str, &str)) -> Result<Option<Refund>, ProviderError> {
        let refunds: Page<RefundObject> = self.wire.get(&["refunds"], &[of, ("limit", PAGE)]).await?;
        Ok(intent::open_or_failed(&refunds.data))
    }

    async fn find_since(&self, since: Timestamp) -> Result<Vec<Listed>, ProviderError> {
        let since_seconds = since.millis().div_euclid(1000).to_string();
        let (mut found, mut last) = (Vec::new(), None::<String>);
        loop {
            // An intent does not say whether its money was refunded; its charge does.
            let mut query =
                vec![("created[gte]", since_seconds.as_str()), ("limit", PAGE), ("expand[]", "data.latest_charge")];
            query.extend(last.as_deref().map(|last| ("starting_after", last)));
            let page = async { Ok(self.wire.get::<Page<IntentObject>>(&["payment_intents"], &query).await?) };
            let page = self.in_time(page).await?;
            found.extend(page.data.iter().filter_map(IntentObject::found));
            last = page.data.last().map(|intent| intent.id.clone());
            if !page.has_more || last.is_none() {
                return Ok(found);
            }
        }
    }

    async fn read(&self, intent: &str) -> Result<IntentState, ProviderError> {
        self.wire.get::<IntentObject>(&["payment_intents", intent], &[]).await?.state()
    }

    async fn in_time<T>(&self, operation: impl Future<Output = Result<T, ProviderError>>) -> Result<T, ProviderError> {
        let late = |_| ProviderError::Unavailable(format!("Stripe did not answer within {:?}", self.limit));
        let done = timeout(self.limit, operation).await.map_err(late)?;
        if let Err(ProviderError::Failed(cause)) = &done {
            tracing::error!(cause, "Stripe rejects our call, its key or its parameters need repair");
        }
        done
    }
}

impl Provider for Stripe {
    fn create<'a>(&'a self, attempt: &'a Attempt) -> BoxFuture<'a, Result<Intent, ProviderError>> {
        self.in_time(self.create_intent(attempt)).boxed()
    }

    fn confirm<'a>(&'a self, intent: &'a str, token: &'a str) -> BoxFuture<'a, Result<Confirmation, ProviderError>> {
        self.in_time(self.confirm_intent(intent, token)).boxed()
    }

    fn look<'a>(&'a self, intent: &'a str) -> BoxFuture<'a, Result<IntentState, ProviderError>> {
        self.in_time(self.read(intent)).boxed()
    }

    fn cancel<'a>(&'a self, intent: &'a str) -> BoxFuture<'a, Result<IntentState, ProviderError>> {
        self.in_time(self.cancel_intent(intent)).boxed()
    }

    fn capture<'a>(&'a self, intent: &'a str) -> BoxFuture<'a, Result<IntentState, ProviderError>> {
        self.in_time(self.capture_intent(intent)).boxed()
    }

    fn refund<'a>(&'a self, stripe_id: &'a str) -> BoxFuture<'a, Result<Refund, ProviderError>> {
        self.in_time(self.refund_all(stripe_id)).boxed()
    }

    fn intents<'a>(&'a self, since: Timestamp) -> BoxFuture<'a, Result<Vec<Listed>, ProviderError>> {
        self.find_since(since).boxed()
    }
}
