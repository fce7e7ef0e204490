//! Settling a payment: requests, listeners and the sweep all do it by the same three steps.
//!
//! A step changes nothing when the payment is in another state than its own, and each may be repeated, by any task, at any
//! time: what the provider is asked for is stored before, under a key that is the payment's own.

use common::error::ApiError;
use common::id::Id;
use common::listener::Failure;
use common::mongo::{Aggregate, StoreError};
use common::outbox::Publishes;

use crate::models::order::OrderUpdate;
use crate::models::payment::{Payment, PaymentStatus};
use crate::models::payments;
use crate::provider::Authorisation;
use crate::state::Payments;

impl Payments {
    /// pending -> authorised or declined, as the provider decides; without its answer the attempt stays pending. Every task that
    /// finds the attempt asks under the same key with the token stored in it, and so gets the same answer.
    pub async fn authorise(&self, payment: Payment) -> Result<Payment, ApiError> {
        let Some(attempt) = payment.to_authorise() else {
            return Ok(payment);
        };
        let decided = match self.provider.authorise(&attempt).await {
            Ok(Authorisation::Authorised(stripe_id)) => {
                self.change(attempt.id, |payment| payment.authorised(&stripe_id)).await?
            }
            Ok(Authorisation::Declined(reason)) => self.change(attempt.id, |payment| payment.declined(&reason)).await?,
            // Another task may have got the answer meanwhile.
            Err(error) => match self.store.find(attempt.id).await? {
                Some(payment) if payment.status() != PaymentStatus::Pending => payment,
                _ => return Err(error.into()),
            },
        };
        Ok(decided)
    }

    /// Stores what the order's status asks for, as an intent: to capture, to void or to refund.
    ///
    /// The order is read after the payment was stored, and a listener stores the order before it reads the payments: whatever
    /// comes first, one of the two sees the other.
    pub async fn follow_order(&self, payment: Payment) -> Result<Payment, StoreError> {
        if !matches!(payment.status(), PaymentStatus::Authorised | PaymentStatus::Captured) {
            return Ok(payment);
        }
        match self.orders.find(payment.order_id()).await? {
            Some(order) => self.change(payment.id(), |payment| payment.follow(&order)).await,
            None => Ok(payment),
        }
    }

    /// capturing -> captured, voiding -> voided, refunding -> refunded, once the provider confirms; until then the intent stays.
    pub async fn carry_out(&self, payment: Payment) -> Result<Payment, ApiError> {
        let Some(charge) = payment.charge() else {
            return Ok(payment);
        };
        let id = payment.id();
        let confirmed = match payment.status() {
            PaymentStatus::Capturing => {
                self.provider.capture(&charge).await?;
                self.change(id, Payment::captured).await?
            }
            PaymentStatus::Voiding => {
                self.provider.void(&charge).await?;
                self.change(id, Payment::voided).await?
            }
            PaymentStatus::Refunding => {
                self.provider.refund(&charge).await?;
                self.change(id, Payment::refunded).await?
            }
            _ => payment,
        };
        Ok(confirmed)
    }

    /// All three steps, until none of them changes the payment any more.
    pub async fn settle(&self, id: Id) -> Result<(), ApiError> {
        let Some(mut payment) = self.store.find(id).await? else {
            return Ok(());
        };
        loop {
            let before = payment.version();
            payment = self.authorise(payment).await?;
            payment = self.follow_order(payment).await?;
            payment = self.carry_out(payment).await?;
            if payment.version() == before {
                return Ok(());
            }
        }
    }

    /// Applies an order's event to the replica, and then stores what it means for the order's payments. The provider is asked
    /// beside the listener, so that a slow provider does not delay events.
    pub async fn apply(&self, update: OrderUpdate) -> Result<(), Failure> {
        self.orders.apply(&update).await?;
        for payment in payments::all_live(&self.store, update.id).await? {
            let payment = self.follow_order(payment).await?;
            self.handover.hand(&payment);
        }
        Ok(())
    }

    /// The methods of [`Payment`] refuse nothing: they change nothing where they do not apply.
    async fn change<P: Publishes>(
        &self,
        id: Id,
        mut change: impl FnMut(&mut Payment) -> P,
    ) -> Result<Payment, StoreError> {
        self.store.change(id, |payment| Ok(change(payment))).await
    }
}
