//! Deciding an attempt whose outcome is not known: by asking for its intent.
//!
//! The provider is asked before `ending` is stored, so that money that is held is not given up; afterwards nobody stores the attempt
//! as authorised any more. Its intent is cancelled later, outside of the slot: neither the till nor another card waits for that.

use std::time::Duration;

use common::api::OrderStatus;
use common::error::ApiError;
use common::mongo::Aggregate;
use common::timestamp::Timestamp;

use crate::models::payment::{Payment, PaymentStatus};
use crate::provider::IntentState;
use crate::state::Payments;

/// The buyer reads this when the bank's confirmation in the browser did not succeed.
const NOT_CONFIRMED: &str = "Your bank did not confirm this payment";

/// How far the provider's clock may be from that of whoever made an attempt.
const CLOCKS_DIFFER_BY: Duration = Duration::from_secs(5 * 60);

/// After this time the intent of an attempt of an earlier version is there, or never will be.
const SURELY_MADE_AFTER: Duration = Duration::from_secs(10 * 60);

/// Which attempts stay that the provider has not decided.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Keep {
    /// Those that wait for the buyer's confirmation or its effect, as long as the order can be paid.
    WithBuyer,
    /// None: the till is to be closed, or another card is to be tried.
    Nothing,
}

/// What became of an attempt. Not for logs: whoever has the secret can confirm.
#[derive(Clone)]
pub struct Decision {
    /// The attempt as it is stored.
    pub payment: Payment,
    /// What the buyer confirms it by, when it stays until then.
    pub client_secret: Option<String>,
}

impl From<Payment> for Decision {
    fn from(payment: Payment) -> Self {
        Self { payment, client_secret: None }
    }
}

impl Payments {
    /// pending -> authorised, declined or ending; or pending still, when it is kept.
    pub async fn decide(&self, payment: Payment, keep: Keep) -> Result<Decision, ApiError> {
        if payment.is_claim() {
            // Only a mere claim is dropped without asking the provider: nothing was confirmed, and nothing will be.
            return Ok(self.change(payment.id(), |payment, _| payment.dropped()).await?.into());
        }
        let payment = self.find_intent(payment).await?;
        let Some(intent) = payment.stripe_id().filter(|_| payment.status() == PaymentStatus::Pending) else {
            return Ok(payment.into());
        };
        let state = match (self.provider.look(intent).await, keep) {
            (Ok(state), _) => state,
            // One call long, and no longer.
            (Err(error), Keep::Nothing) => {
                tracing::warn!(payment = %payment.id(), %error, "attempt ended without an answer of the provider");
                IntentState::Processing
            }
            (Err(error), _) => return Err(error.into()),
        };
        self.decide_by(payment, state, keep).await
    }

    /// The same by a state of the intent that was read just now.
    pub async fn decide_by(&self, payment: Payment, state: IntentState, keep: Keep) -> Result<Decision, ApiError> {
        let id = payment.id();
        let may_stay = match state {
            IntentState::NeedsAction { .. } => true,
            // The buyer has confirmed, and the bank has not decided yet.
            IntentState::Processing => payment.is_with_buyer(),
            _ => false,
        };
        if may_stay && keep == Keep::WithBuyer && self.can_be_paid(&payment).await? {
            let client_secret = state.into_client_secret();
            return Ok(Decision { payment, client_secret });
        }
        let stored = match state {
            // Captured: the database was restored to before the capture. Captured before counts as done.
            IntentState::Authorised | IntentState::Captured => {
                self.change(id, |payment, now| payment.authorised(now)).await?
            }
            IntentState::Cancelled => self.change(id, |payment, _| payment.ended()).await?,
            IntentState::Unconfirmed | IntentState::NeedsAction { .. } | IntentState::Processing => {
                let is_refused = state == IntentState::Unconfirmed && payment.is_with_buyer();
                let reason = is_refused.then_some(NOT_CONFIRMED);
                self.change(id, |payment, now| payment.ending(reason, now)).await?
            }
        };
        self.handover.hand(&stored);
        Ok(stored.into())
    }

    /// An earlier version created and confirmed an intent in one call, and stored its id with the answer. When that got lost, the
    /// intent may hold money, and is found by its order. Until it is known whether there is one, the attempt keeps the slot.
    async fn find_intent(&self, payment: Payment) -> Result<Payment, ApiError> {
        if !payment.lacks_intent() {
            return Ok(payment);
        }
        let (id, made_at) = (payment.id(), payment.id().made_at());
        let since = Timestamp::from_millis(made_at.millis() - CLOCKS_DIFFER_BY.as_millis() as i64);
        let listed = self.provider.intents(since).await?;
        if let Some(found) = listed.iter().flatten().find(|found| payment.is_claim_of(found)) {
            return Ok(self.change(id, |payment, now| payment.created(&found.intent.id, now)).await?);
        }
        // One that cannot be read may be the one.
        listed.into_iter().find_map(Result::err).map_or(Ok(()), Err)?;
        if made_at.after(SURELY_MADE_AFTER) > self.clock.now() {
            return Ok(payment);
        }
        Ok(self.change(id, |payment, _| payment.dropped()).await?)
    }

    async fn can_be_paid(&self, payment: &Payment) -> Result<bool, ApiError> {
        let order = self.orders.find(payment.order_id()).await?;
        Ok(order.is_none_or(|order| !order.is_over() && order.status != OrderStatus::Complete))
    }
}
