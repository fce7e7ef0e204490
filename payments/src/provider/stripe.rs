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

/// How long an operation may take. With the wait for an order's event it stays below the limit of a request.
const LIMIT: Duration = Duration::from_secs(8);

const NEEDS_THE_BUYER: &str =
    "Your bank wants to confirm this card with you, which is not possible here. Use another card.";

const REFUSED: &str = "The payment was refused";

/// Stripe's API under a secret key, which is never shown.
pub struct Stripe(Wire);

impl Stripe {
    /// The API at this address.
    ///
    /// # Errors
    /// When the key or the address cannot be used.
    pub fn new(secret: &Secret, base: &Url) -> Result<Self, StartError> {
        if secret.expose().starts_with("pk_") {
            return Err(StartError::configuration("STRIPE_KEY", "it is a publishable key, the secret one is needed"));
        }
        Wire::new(secret, base).map(Self)
    }

    /// Holds the money in one call. Stripe remembers an answer for a day at least, so an attempt that is resumed later than
    /// that is a new one to Stripe: its token is used up then, and what the first one held is released by the bank in time.
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
        match self.0.post(&["payment_intents"], &key(attempt.id, "authorise"), &form).await? {
            Ok(intent) => self.judge(attempt, &intent.id, &intent.status).await,
            Err(problem) => decline(problem),
        }
    }

    async fn judge(&self, attempt: &Attempt, intent: &str, status: &str) -> Result<Authorisation, ProviderError> {
        match status {
            "requires_capture" => Ok(Authorisation::Authorised(intent.to_owned())),
            "requires_action" => {
                // Nobody will ever confirm it. Should cancelling fail, the attempt stays pending and is asked about again.
                let charge = Charge { attempt: attempt.id, stripe_id: intent.to_owned() };
                self.cancel_intent(&charge).await?;
                Ok(Authorisation::Declined(NEEDS_THE_BUYER.to_owned()))
            }
            "processing" => Err(ProviderError::Unavailable(format!("{intent} is still processing"))),
            other => Err(ProviderError::Failed(format!("{intent} is {other} after its confirmation"))),
        }
    }

    async fn capture_intent(&self, charge: &Charge) -> Result<(), ProviderError> {
        let path = ["payment_intents", &charge.stripe_id, "capture"];
        match self.0.post(&path, &key(charge.attempt, "capture"), &[]).await? {
            Ok(_) => Ok(()),
            Err(problem) => self.is_done(charge, "succeeded", problem).await,
        }
    }

    async fn cancel_intent(&self, charge: &Charge) -> Result<(), ProviderError> {
        let path = ["payment_intents", &charge.stripe_id, "cancel"];
        match self.0.post(&path, &key(charge.attempt, "void"), &[]).await? {
            Ok(_) => Ok(()),
            Err(problem) => self.is_done(charge, "canceled", problem).await,
        }
    }

    async fn create_refund(&self, charge: &Charge) -> Result<(), ProviderError> {
        // The original kept the id of the charge, which had no intent.
        let what = if charge.stripe_id.starts_with("ch_") { "charge" } else { "payment_intent" };
        match self.0.post(&["refunds"], &key(charge.attempt, "refund"), &[(what, &charge.stripe_id)]).await? {
            Ok(refund) if refund.status == "failed" || refund.status == "canceled" => {
                Err(ProviderError::Failed(format!("{} is {}", refund.id, refund.status)))
            }
            Ok(_) => Ok(()),
            Err(problem) if problem.code == "charge_already_refunded" => Ok(()),
            Err(problem) => Err(problem.into()),
        }
    }

    /// An operation that failed may have been done before, by whomever. And an answer 500 is no answer: Stripe gives it again
    /// under the same key, whatever became of the operation. So the intent itself is asked.
    async fn is_done(&self, charge: &Charge, wanted: &str, problem: Problem) -> Result<(), ProviderError> {
        match self.0.get(&["payment_intents", &charge.stripe_id]).await? {
            Ok(intent) if intent.status == wanted => Ok(()),
            _ => Err(problem.into()),
        }
    }
}

/// What a failed authorisation means. A card's bank may say no (402), and what Stripe does not execute (400) it never will:
/// an unknown or used token, an amount below its minimum.
fn decline(problem: Problem) -> Result<Authorisation, ProviderError> {
    match problem.status {
        402 => Ok(Authorisation::Declined(problem.message)),
        400 if problem.is_about_card_or_amount() => Ok(Authorisation::Declined(problem.message)),
        400 if problem.kind == "invalid_request_error" => {
            tracing::error!(%problem, "Stripe does not take what we send");
            Ok(Authorisation::Declined(REFUSED.to_owned()))
        }
        _ => Err(problem.into()),
    }
}

async fn in_time<T>(operation: impl Future<Output = Result<T, ProviderError>>) -> Result<T, ProviderError> {
    let late = |_| ProviderError::Unavailable(format!("Stripe did not answer within {LIMIT:?}"));
    timeout(LIMIT, operation).await.map_err(late)?
}

impl Provider for Stripe {
    fn authorise<'a>(&'a self, attempt: &'a Attempt) -> BoxFuture<'a, Result<Authorisation, ProviderError>> {
        in_time(self.create_intent(attempt)).boxed()
    }

    fn capture<'a>(&'a self, charge: &'a Charge) -> BoxFuture<'a, Result<(), ProviderError>> {
        in_time(self.capture_intent(charge)).boxed()
    }

    fn void<'a>(&'a self, charge: &'a Charge) -> BoxFuture<'a, Result<(), ProviderError>> {
        in_time(self.cancel_intent(charge)).boxed()
    }

    fn refund<'a>(&'a self, charge: &'a Charge) -> BoxFuture<'a, Result<(), ProviderError>> {
        in_time(self.create_refund(charge)).boxed()
    }
}
