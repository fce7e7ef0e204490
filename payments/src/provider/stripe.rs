//! Stripe: PaymentIntents that are captured by hand.

mod wire;

use std::time::Duration;

use common::config::Secret;
use common::error::StartError;
use futures::FutureExt;
use futures::future::BoxFuture;
use reqwest::Url;
use tokio::time::timeout;

use super::{Attempt, Authorisation, Charge, Provider, ProviderError, key};
use wire::{Problem, Wire};

/// How long an operation may take. With the wait for an order's event it stays below the time limit of a request.
const TIMEOUT: Duration = Duration::from_secs(8);

const NEEDS_CONFIRMATION: &str =
    "Your bank wants to confirm this card with you, which is not possible here. Use another card.";

const REFUSED: &str = "The payment was refused";

/// Stripe's API under a secret key, which is never logged.
pub struct Stripe(Wire);

impl Stripe {
    /// The API at this address.
    pub fn new(secret: &Secret, base: &Url) -> Result<Self, StartError> {
        if secret.expose().starts_with("pk_") {
            return Err(StartError::configuration("STRIPE_KEY", "it is a publishable key, the secret key is needed"));
        }
        Wire::new(secret, base).map(Self)
    }

    /// Holds the money in one call. Stripe remembers an answer for a day at least. An attempt that is resumed later than that
    /// is a new one to Stripe: its token is used up then, and the bank releases in time what the first one held.
    async fn create_intent(&self, attempt: &Attempt) -> Result<Authorisation, ProviderError> {
        let amount_cents = attempt.amount.cents().to_string();
        let (order_id, payment_id) = (attempt.order_id.to_string(), attempt.id.to_string());
        let mut form = vec![
            ("amount", amount_cents.as_str()),
            ("currency", "usd"),
            ("capture_method", "manual"),
            ("confirm", "true"),
            ("payment_method_types[]", "card"),
            ("metadata[order_id]", &order_id),
            ("metadata[payment_id]", &payment_id),
        ];
        if attempt.token.starts_with("pm_") {
            form.push(("payment_method", &attempt.token));
        } else {
            form.push(("payment_method_data[type]", "card"));
            form.push(("payment_method_data[card][token]", &attempt.token));
        }
        let intent = match self.0.post(&["payment_intents"], &key(attempt.id, "authorise"), &form).await {
            Ok(intent) => intent,
            Err(problem) => return decline(problem),
        };
        match intent.status.as_str() {
            "requires_capture" => Ok(Authorisation::Authorised(intent.id)),
            "requires_action" => {
                // Nobody will ever confirm it. Should cancelling fail, the attempt stays pending and is asked for again.
                let charge = Charge { attempt: attempt.id, stripe_id: intent.id };
                self.end_intent(&charge, "void", "cancel", "canceled").await?;
                Ok(Authorisation::Declined(NEEDS_CONFIRMATION.to_owned()))
            }
            "processing" => Err(ProviderError::Unavailable(format!("{} is still processing", intent.id))),
            other => Err(ProviderError::Failed(format!("{} is {other} after its confirmation", intent.id))),
        }
    }

    /// Captures or cancels an intent. A call that failed may have been done before, by another call. And after an answer 500,
    /// Stripe repeats this answer under the same key, whether or not the call was done. So the intent itself is read.
    async fn end_intent(
        &self,
        charge: &Charge,
        operation: &str,
        path: &str,
        wanted: &str,
    ) -> Result<(), ProviderError> {
        let intent = ["payment_intents", &charge.stripe_id, path];
        let Err(problem) = self.0.post(&intent, &key(charge.attempt, operation), &[]).await else {
            return Ok(());
        };
        match self.0.get(&intent[..2]).await {
            Ok(intent) if intent.status == wanted => Ok(()),
            Ok(_) => Err(problem.into()),
            Err(unread) => Err(unread.into()),
        }
    }

    async fn create_refund(&self, charge: &Charge) -> Result<(), ProviderError> {
        // The original stored the id of the charge, which had no intent.
        let what = if charge.stripe_id.starts_with("ch_") { "charge" } else { "payment_intent" };
        match self.0.post(&["refunds"], &key(charge.attempt, "refund"), &[(what, &charge.stripe_id)]).await {
            Ok(refund) if refund.status == "failed" || refund.status == "canceled" => {
                Err(ProviderError::Failed(format!("{} is {}", refund.id, refund.status)))
            }
            Ok(_) => Ok(()),
            Err(problem) if problem.code == "charge_already_refunded" => Ok(()),
            Err(problem) => Err(problem.into()),
        }
    }
}

/// The meaning of a failed authorisation. The card's bank may decline it (402), and what Stripe does not execute (400) it never
/// will: an unknown or used token, an amount below its minimum.
fn decline(problem: Problem) -> Result<Authorisation, ProviderError> {
    match problem.status {
        402 => Ok(Authorisation::Declined(problem.message)),
        400 if problem.is_about_card_or_amount() => Ok(Authorisation::Declined(problem.message)),
        400 if problem.kind == "invalid_request_error" => {
            tracing::error!(%problem, "Stripe rejects our request, its parameters need repair");
            Ok(Authorisation::Declined(REFUSED.to_owned()))
        }
        _ => Err(problem.into()),
    }
}

async fn in_time<T>(operation: impl Future<Output = Result<T, ProviderError>>) -> Result<T, ProviderError> {
    let late = |_| ProviderError::Unavailable(format!("Stripe did not answer within {TIMEOUT:?}"));
    timeout(TIMEOUT, operation).await.map_err(late)?
}

impl Provider for Stripe {
    fn authorise<'a>(&'a self, attempt: &'a Attempt) -> BoxFuture<'a, Result<Authorisation, ProviderError>> {
        in_time(self.create_intent(attempt)).boxed()
    }

    fn capture<'a>(&'a self, charge: &'a Charge) -> BoxFuture<'a, Result<(), ProviderError>> {
        in_time(self.end_intent(charge, "capture", "capture", "succeeded")).boxed()
    }

    fn void<'a>(&'a self, charge: &'a Charge) -> BoxFuture<'a, Result<(), ProviderError>> {
        in_time(self.end_intent(charge, "void", "cancel", "canceled")).boxed()
    }

    fn refund<'a>(&'a self, charge: &'a Charge) -> BoxFuture<'a, Result<(), ProviderError>> {
        in_time(self.create_refund(charge)).boxed()
    }
}
