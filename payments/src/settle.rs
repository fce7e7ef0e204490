//! Settling a payment: requests, listeners, the provider's hints and the sweep all do it by the same steps.
//!
//! A step changes nothing when the payment is in another state than its own, and each may be repeated, by any task, at any
//! time. What to do is decided from what is stored, never from the event or the answer that happens to be at hand.

use common::api::OrderStatus;
use common::error::ApiError;
use common::events::ORDER;
use common::id::Id;
use common::listener::Failure;
use common::mongo::{Aggregate, StoreError};
use common::outbox::Publishes;
use common::replica;
use common::timestamp::Timestamp;

use crate::decide::Keep;
use crate::models::order::OrderUpdate;
use crate::models::payment::{Dispute, Payment, PaymentStatus};
use crate::models::payments;
use crate::provider::IntentState;
use crate::state::Payments;
use crate::till::NOT_YET;

/// Why a payment failed whose hold has ended.
pub(crate) const NOT_HELD: &str = "the money is not held any more";

impl Payments {
    /// Every step that applies, until none of them changes the payment any more. `keep` says which undecided attempts stay.
    ///
    /// The payment may be stale: calls of the provider are idempotent, and each write is decided again from the stored document.
    pub async fn settle(&self, mut payment: Payment, keep: Keep) -> Result<Payment, ApiError> {
        use PaymentStatus::*;
        loop {
            let before = payment.status();
            let intent = payment.stripe_id().map(str::to_owned);
            payment = match (before, intent.as_deref()) {
                (Pending, _) => self.decide(payment, keep).await?.payment,
                // One that is captured and not due has followed its order.
                (Captured, _) if payment.due_at().is_none() => payment,
                (Authorised | Captured | Failed, _) => self.follow_order(payment).await?,
                (Ending, Some(intent)) => self.end(payment, intent).await?,
                (Capturing, Some(intent)) => self.capture(payment, intent).await?,
                (Voiding, Some(intent)) => self.void(payment, intent).await?,
                (Refunding, Some(intent)) => self.refund(payment, intent).await?,
                (Declined | Voided | Refunded | Closed, _) | (_, None) => payment,
            };
            if payment.status() == before {
                return Ok(payment);
            }
        }
    }

    /// Looks after a payment that waits for the end of its order: the orders service may have missed the event, or this one the
    /// order's.
    pub async fn remind(&self, payment: &Payment) -> Result<(), StoreError> {
        if matches!(payment.status(), PaymentStatus::Authorised | PaymentStatus::Failed) && payment.due_at().is_some() {
            self.store.republish(payment)?;
            replica::request_state(&self.broker, ORDER, payment.order_id()).await;
        }
        Ok(())
    }

    /// A hold does not last for ever: of one whose order has no end for an hour the intent is looked at.
    pub async fn look_after_hold(&self, payment: &Payment) -> Result<(), ApiError> {
        let Some(intent) = payment.stripe_id().filter(|_| payment.is_long_held()) else {
            return Ok(());
        };
        if self.provider.look(intent).await? == IntentState::Cancelled {
            let id = payment.id();
            tracing::error!(alert = true, payment = %id, "the hold has ended before its order, which is to be cancelled");
            self.change(id, |payment, now| payment.failed(NOT_HELD, now)).await?;
        }
        Ok(())
    }

    /// The provider has something new about an intent, or says so: it is looked at, now. Unknown intents are ignored, and those of
    /// attempts that a request is working on.
    pub async fn hint(&self, intent: &str) -> Result<(), ApiError> {
        match payments::of_intent(&self.store, intent).await? {
            Some(payment) if payment.status() != PaymentStatus::Pending || payment.is_with_buyer() => {
                self.settle(payment, Keep::WithBuyer).await.map(drop)
            }
            _ => Ok(()),
        }
    }

    /// The buyer's bank asks for the money of this intent or charge back.
    pub async fn disputed(&self, intent: &str, dispute_id: &str, reason: &str) -> Result<(), ApiError> {
        let Some(payment) = payments::of_intent(&self.store, intent).await? else {
            return Ok(());
        };
        let dispute = Dispute { id: dispute_id.to_owned(), reason: reason.to_owned() };
        let stored = self.change(payment.id(), |payment, _| payment.disputed(&dispute)).await?;
        if stored.version() != payment.version() {
            tracing::error!(alert = true, payment = %payment.id(), dispute_id, reason, "payment disputed, answer it at the provider");
        }
        Ok(())
    }

    /// The provider says that a refund has failed, perhaps after it had said that it succeeded.
    pub async fn refund_failed(&self, intent: &str, reason: &str) -> Result<(), ApiError> {
        if let Some(payment) = payments::of_intent(&self.store, intent).await? {
            self.store_failed_refund(payment, reason).await?;
        }
        Ok(())
    }

    pub(crate) async fn store_failed_refund(&self, payment: Payment, reason: &str) -> Result<Payment, StoreError> {
        let stored = self.change(payment.id(), |payment, _| payment.refund_failed(reason)).await?;
        if stored.version() != payment.version() {
            tracing::error!(alert = true, payment = %payment.id(), reason, "refund failed, settle it at the provider");
        }
        Ok(stored)
    }

    /// Stores what the order's status asks for, as an intent: to capture, to void or to refund.
    ///
    /// The order is read after the payment was stored, and a listener stores the order before it reads the payments: whatever
    /// comes first, one of the two sees the other. An order that is not known here is requested. When the order asks for nothing, the
    /// payment is returned as it was given, and is not read again.
    pub async fn follow_order(&self, payment: Payment) -> Result<Payment, StoreError> {
        use PaymentStatus::{Authorised, Captured, Failed};
        if !matches!(payment.status(), Authorised | Captured | Failed) {
            return Ok(payment);
        }
        let Some(order) = self.orders.find(payment.order_id()).await? else {
            replica::request_state(&self.broker, ORDER, payment.order_id()).await;
            return Ok(payment);
        };
        let mut followed = payment.clone();
        followed.follow(&order, self.clock.now());
        if followed.version() == payment.version() {
            return Ok(payment);
        }
        self.change(payment.id(), |payment, now| payment.follow(&order, now)).await
    }

    /// Applies an order's event to the replica, and then does what the stored order means for its payments, also when the event
    /// was not newer: whoever applied it first may have died before the rest. The provider is asked beside the listener, so that
    /// a slow provider does not delay events.
    pub async fn apply(&self, update: OrderUpdate) -> Result<(), Failure> {
        self.orders.apply(&update).await?;
        // A cancelled order stays so, and its own event comes again until its slot is closed: no other event has to do that.
        let is_cancelled = update.status == OrderStatus::Cancelled;
        for payment in payments::all_in_slot(&self.store, update.id).await? {
            let payment = self.follow_order(payment).await?;
            self.handover.hand(&payment);
            if is_cancelled && payment.status() == PaymentStatus::Capturing {
                // It is refunded when the capture has ended; until then the event stays.
                return Err(Failure::NotDue(NOT_YET));
            }
        }
        if is_cancelled {
            self.close(update.id).await?;
        }
        Ok(())
    }

    /// Changes a payment at this time of the database's clock.
    pub(crate) async fn change<P: Publishes>(
        &self,
        id: Id,
        mut change: impl FnMut(&mut Payment, Timestamp) -> P,
    ) -> Result<Payment, StoreError> {
        self.store.change(id, |payment| Ok(change(payment, self.clock.now()))).await
    }
}
