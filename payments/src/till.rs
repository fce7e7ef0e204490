//! The till: whether an order was paid in time is decided here and nowhere else, by the one slot that an order has.

use std::time::Duration;

use common::error::ApiError;
use common::id::Id;
use common::listener::Failure;
use common::mongo::{Aggregate, StoreError};
use common::timestamp::Timestamp;
use tokio::time::sleep;

use crate::decide::Keep;
use crate::models::payment::{Payment, PaymentStatus};
use crate::models::payments;
use crate::state::Payments;

/// When an event comes again that has to wait for the provider.
pub(crate) const NOT_YET: Duration = Duration::from_secs(1);

/// When another's write that kept ours out is looked at again: a majority has it then, as a rule.
pub(crate) const SEEN_AFTER: Duration = Duration::from_millis(10);

/// How often a slot is looked at again that changes meanwhile.
const TURNS: usize = 5;

impl Payments {
    /// How long the order can still be paid for by the database's clock: by this deadline, else by that of the replica. An order
    /// without a known deadline is due.
    pub async fn time_left(&self, order_id: Id, expires_at: Option<Timestamp>) -> Result<Duration, StoreError> {
        if let Some(expires_at) = expires_at {
            return Ok(expires_at.remaining(self.clock.read().await?));
        }
        let left = self.orders.find(order_id).await?.and_then(|order| order.left_ms).unwrap_or(0);
        Ok(Duration::from_millis(u64::try_from(left).unwrap_or(0)))
    }

    /// The time to pay is over: an empty slot is closed, and the orders service is told what holds it, each time it asks.
    pub async fn expire(&self, order_id: Id) -> Result<(), Failure> {
        let Some(payment) = self.take_slot(order_id).await? else {
            return Ok(());
        };
        let payment = self.follow_order(payment).await?;
        self.handover.hand(&payment);
        if payment.status() != PaymentStatus::Refunded {
            return Ok(self.store.republish(&payment)?);
        }
        // The state of refunded money is `payment.refunded`, which ends no order.
        if payment.keeps_order() {
            self.change(payment.id(), |payment, _| payment.created_again()).await?;
            self.store.republish(&payment)?;
        } else {
            self.change(payment.id(), |payment, _| payment.closed_again()).await?;
        }
        Ok(())
    }

    /// No card is to be charged for this order any more, whatever the replica knows of it.
    pub async fn close(&self, order_id: Id) -> Result<(), StoreError> {
        self.take_slot(order_id).await.map(drop)
    }

    /// Ends the undecided attempt of an order, and closes its slot.
    pub async fn end_and_close(&self, order_id: Id) -> Result<(), ApiError> {
        if let Some(payment) = payments::slot(&self.store, order_id).await?
            && payment.status() == PaymentStatus::Pending
        {
            let decided = self.decide(payment, Keep::Nothing).await?.payment;
            if decided.status() == PaymentStatus::Pending {
                // Of an earlier version: whether it has an intent is not known yet. The sweep comes again.
                return Ok(());
            }
            let followed = self.follow_order(decided).await?;
            self.handover.hand(&followed);
            sleep(SEEN_AFTER).await;
        }
        Ok(self.close(order_id).await?)
    }

    /// Closes a slot that is empty or holds a mere claim, and lets an undecided attempt be ended. The payment is one that is decided
    /// and holds the slot.
    ///
    /// Only the writes decide: the insert under the unique index, and the change of a claim that is a claim still.
    async fn take_slot(&self, order_id: Id) -> Result<Option<Payment>, StoreError> {
        for _ in 0..TURNS {
            match payments::slot(&self.store, order_id).await? {
                None => {
                    let (entry, closed) = Payment::closing_entry(order_id);
                    match self.store.insert(&entry, closed).await {
                        Err(StoreError::Duplicate) => sleep(SEEN_AFTER).await,
                        inserted => return inserted.map(|()| None),
                    }
                }
                Some(claim) if claim.is_claim() => {
                    let stored = self.change(claim.id(), |payment, _| payment.closed()).await?;
                    if stored.status() == PaymentStatus::Closed {
                        return Ok(None);
                    }
                    sleep(SEEN_AFTER).await;
                }
                Some(attempt) if attempt.status() == PaymentStatus::Pending => {
                    self.handover.close(order_id);
                    return Ok(None);
                }
                Some(payment) => return Ok(Some(payment)),
            }
        }
        Err(StoreError::Conflict)
    }
}
