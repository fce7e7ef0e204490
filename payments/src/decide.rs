//! Deciding an attempt whose outcome is not known: by asking for its intent.
//!
//! The provider is asked before `ending` is stored, so that money that is held is not given up; afterwards nobody stores the attempt
//! as authorised any more. Its intent is cancelled later, outside of the slot: neither the till nor another card waits for that.

use common::api::OrderStatus;
use common::error::ApiError;
use common::mongo::Aggregate;

use crate::models::payment::{Payment, PaymentStatus};
use crate::provider::IntentState;
use crate::state::Payments;

/// The buyer reads this when the bank's confirmation in the browser did not succeed.
const NOT_CONFIRMED: &str = "Your bank did not confirm this payment";

/// Which attempts stay that the provider has not decided.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Keep {
    /// All of them: somebody is working on it.
    Undecided,
    /// Those that wait for the buyer's confirmation, as long as the order can be paid.
    WithBuyer,
    /// None: the till is to be closed, or another card is to be tried.
    Nothing,
}

/// What became of an attempt.
#[derive(Clone, Debug)]
pub enum Decision {
    /// This is stored.
    Stored(Payment),
    /// It stays until the buyer has confirmed it.
    WithBuyer {
        /// The attempt.
        payment: Payment,
        /// What it is confirmed by.
        client_secret: String,
    },
}

impl Decision {
    /// The attempt as it is stored.
    pub fn into_payment(self) -> Payment {
        match self {
            Self::Stored(payment) | Self::WithBuyer { payment, .. } => payment,
        }
    }
}

impl Payments {
    /// pending -> authorised, declined or ending; or pending still, when it is kept.
    pub async fn decide(&self, payment: Payment, keep: Keep) -> Result<Decision, ApiError> {
        let Some(intent) = payment.stripe_id().filter(|_| payment.status() == PaymentStatus::Pending) else {
            return self.drop_claim(payment, keep).await;
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
        let stored = match state {
            // Captured: the database was restored to before the capture. Captured before counts as done.
            IntentState::Authorised | IntentState::Captured => {
                self.change(id, |payment, now| payment.authorised(now)).await?
            }
            IntentState::Cancelled => self.change(id, |payment, _| payment.ended()).await?,
            IntentState::NeedsAction { client_secret }
                if keep != Keep::Nothing && self.can_be_paid(&payment).await? =>
            {
                return Ok(Decision::WithBuyer { payment, client_secret });
            }
            _ if keep == Keep::Undecided => payment,
            state => {
                let is_refused = state == IntentState::Unconfirmed && payment.is_with_buyer();
                let reason = is_refused.then_some(NOT_CONFIRMED);
                self.change(id, |payment, now| payment.ending(reason, now)).await?
            }
        };
        self.handover.hand(&stored);
        Ok(Decision::Stored(stored))
    }

    /// Only a mere claim is dropped without asking the provider: nothing was confirmed, and nothing will be.
    async fn drop_claim(&self, payment: Payment, keep: Keep) -> Result<Decision, ApiError> {
        if payment.is_claim() && keep != Keep::Undecided {
            return Ok(Decision::Stored(self.change(payment.id(), |payment, _| payment.dropped()).await?));
        }
        Ok(Decision::Stored(payment))
    }

    async fn can_be_paid(&self, payment: &Payment) -> Result<bool, ApiError> {
        let order = self.orders.find(payment.order_id()).await?;
        Ok(order.is_none_or(|order| !order.is_over() && order.status != OrderStatus::Complete))
    }
}
