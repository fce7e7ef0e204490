//! Taking a payment further: requests, listeners and the sweep all do it by the same three steps.
//!
//! Each step leaves a payment that it does not concern as it is, and each may be repeated, by anybody, at any time: what the
//! provider is asked for is stored before, under a key that is the payment's own.

use common::error::ApiError;
use common::id::Id;
use common::listener::Failure;
use common::mongo::{Aggregate, StoreError};

use crate::models::order::News;
use crate::models::payment::{Payment, PaymentStatus};
use crate::provider::{Authorisation, ProviderError};
use crate::state::Payments;

/// Why a payment did not come further.
#[derive(Debug, thiserror::Error)]
pub enum Stuck {
    /// The store failed.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// The provider failed; the intent stands, and the sweep comes back to it.
    #[error(transparent)]
    Provider(#[from] ProviderError),
}

impl From<Stuck> for ApiError {
    fn from(stuck: Stuck) -> Self {
        match stuck {
            Stuck::Store(error) => error.into(),
            Stuck::Provider(ProviderError::Unavailable(cause)) => Self::Unavailable(cause),
            Stuck::Provider(ProviderError::Failed(cause)) => Self::Internal(cause),
        }
    }
}

impl Payments {
    /// pending -> authorised or declined, as the provider decides. Everybody who finds the attempt asks under the same key with
    /// the token stored in it, and so gets the same answer.
    ///
    /// # Errors
    /// When the provider gives no answer; then the attempt stays pending.
    pub async fn authorise(&self, payment: Payment) -> Result<Payment, Stuck> {
        let Some(attempt) = payment.to_authorise() else {
            return Ok(payment);
        };
        let changed = match self.provider.authorise(&attempt).await {
            Ok(Authorisation::Authorised(stripe_id)) => {
                self.store.change(attempt.id, |payment| payment.authorised(&stripe_id)).await?
            }
            Ok(Authorisation::Declined(reason)) => {
                self.store.change(attempt.id, |payment| payment.declined(&reason)).await?
            }
            // Somebody else may have had the answer in the meantime.
            Err(error) => match self.store.find(attempt.id).await? {
                Some(payment) if payment.status() != PaymentStatus::Pending => payment,
                _ => return Err(error.into()),
            },
        };
        Ok(changed)
    }

    /// Stores what the order's state asks for, as an intent: to capture, to void or to refund.
    ///
    /// The order is read after the payment was stored, and a listener stores the order before it reads the payments: whatever
    /// comes first, one of the two sees the other.
    pub async fn follow_order(&self, payment: Payment) -> Result<Payment, StoreError> {
        if !matches!(payment.status(), PaymentStatus::Authorised | PaymentStatus::Captured) {
            return Ok(payment);
        }
        match self.orders.find(payment.order_id()).await? {
            Some(order) => self.store.change(payment.id(), |payment| payment.follow(&order)).await,
            None => Ok(payment),
        }
    }

    /// capturing -> captured, voiding -> voided, refunding -> refunded, once the provider confirms.
    ///
    /// # Errors
    /// When the provider does not confirm; then the intent stands.
    pub async fn carry_out(&self, payment: Payment) -> Result<Payment, Stuck> {
        let Some(charge) = payment.charge() else {
            return Ok(payment);
        };
        let id = payment.id();
        Ok(match payment.status() {
            PaymentStatus::Capturing => {
                self.provider.capture(&charge).await?;
                self.store.change(id, Payment::captured).await?
            }
            PaymentStatus::Voiding => {
                self.provider.void(&charge).await?;
                self.store.change(id, Payment::voided).await?
            }
            PaymentStatus::Refunding => {
                self.provider.refund(&charge).await?;
                self.store.change(id, Payment::refunded).await?
            }
            _ => payment,
        })
    }

    /// All three steps, until the payment stands where its order and the provider want it.
    ///
    /// # Errors
    /// When one of the steps fails.
    pub async fn advance(&self, id: Id) -> Result<(), Stuck> {
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

    /// Takes in what an event tells of an order, and then stores what that means for its payments. The provider is asked
    /// beside the listener, so that a slow one holds up no events.
    pub async fn hear(&self, news: News) -> Result<(), Failure> {
        self.orders.learn(&news).await?;
        for payment in self.store.all_live(news.id).await? {
            let payment = self.follow_order(payment).await?;
            self.handover.hand(&payment);
        }
        Ok(())
    }
}
