//! Carrying out what is stored as an intent: each step asks the provider, believes only what it reads, and may be repeated.
//! Without an answer that settles it, the payment stays as it is and the sweep comes again.

use common::error::ApiError;
use common::mongo::{Aggregate, StoreError};

use crate::models::payment::Payment;
use crate::provider::{IntentState, ProviderError, Refund};
use crate::settle::NOT_HELD;
use crate::state::Payments;

impl Payments {
    /// ending -> declined, once the intent reads cancelled.
    pub(crate) async fn end(&self, payment: Payment, intent: &str) -> Result<Payment, ApiError> {
        match self.cancel(intent).await? {
            IntentState::Cancelled => Ok(self.change(payment.id(), |payment, _| payment.ended()).await?),
            IntentState::Captured => self.keep_what_others_took(payment, intent).await,
            _ => Ok(payment),
        }
    }

    /// Nobody here captures an intent that is being ended. Somebody did, at the provider: the order is paid, unless it has another
    /// payment or is closed. Then the money goes back.
    async fn keep_what_others_took(&self, payment: Payment, intent: &str) -> Result<Payment, ApiError> {
        let id = payment.id();
        tracing::error!(alert = true, payment = %id, "captured by somebody else while its intent was to be cancelled");
        match self.change(id, |payment, now| payment.captured_by_others(now)).await {
            Err(StoreError::Duplicate) => match self.provider.refund(intent).await? {
                Refund::Succeeded => Ok(self.change(id, |payment, _| payment.ended()).await?),
                Refund::Pending => Ok(payment),
                Refund::Failed(reason) => Err(ApiError::internal(format_args!("refund failed: {reason}"))),
            },
            changed => Ok(changed?),
        }
    }

    /// capturing -> captured. When the provider refuses for good, the intent is cancelled first, so that nothing stays held:
    /// capturing -> failed, once it reads cancelled.
    pub(crate) async fn capture(&self, payment: Payment, intent: &str) -> Result<Payment, ApiError> {
        let (id, refusal) = match self.provider.capture(intent).await {
            Ok(IntentState::Captured) => return Ok(self.captured(&payment).await?),
            Ok(IntentState::Cancelled) => (payment.id(), NOT_HELD.to_owned()),
            Ok(_) => return Ok(payment),
            Err(ProviderError::Refused(refusal)) => (payment.id(), refusal),
            Err(error) => return Err(error.into()),
        };
        match self.cancel(intent).await? {
            IntentState::Captured => Ok(self.captured(&payment).await?),
            IntentState::Cancelled => {
                tracing::error!(alert = true, payment = %id, refusal, "capture refused for good, the order is to be cancelled");
                Ok(self.change(id, |payment, now| payment.failed(&refusal, now)).await?)
            }
            _ => Ok(payment),
        }
    }

    /// The money is taken: by the same write the payment follows its order, if that is known. A cancellation that comes between the read
    /// and the write finds the payment capturing, and its event stays.
    async fn captured(&self, payment: &Payment) -> Result<Payment, StoreError> {
        let order = self.orders.find(payment.order_id()).await?;
        let captured = |payment: &mut Payment, now| {
            payment.captured(now);
            if let Some(order) = &order {
                payment.follow(order, now);
            }
        };
        self.change(payment.id(), captured).await
    }

    /// voiding -> voided, once the intent reads cancelled; voiding -> refunding when the money had been taken.
    pub(crate) async fn void(&self, payment: Payment, intent: &str) -> Result<Payment, ApiError> {
        match self.cancel(intent).await? {
            IntentState::Cancelled => Ok(self.change(payment.id(), |payment, _| payment.voided()).await?),
            IntentState::Captured => Ok(self.change(payment.id(), |payment, now| payment.taken_before(now)).await?),
            _ => Ok(payment),
        }
    }

    /// refunding -> refunded, once the provider says that the refund succeeded.
    pub(crate) async fn refund(&self, payment: Payment, intent: &str) -> Result<Payment, ApiError> {
        match self.provider.refund(intent).await? {
            Refund::Succeeded => Ok(self.change(payment.id(), |payment, _| payment.refunded()).await?),
            Refund::Pending => Ok(payment),
            Refund::Failed(reason) => Ok(self.store_failed_refund(payment, &reason).await?),
        }
    }

    /// Cancels an intent. What the provider refuses is read from the intent itself.
    async fn cancel(&self, intent: &str) -> Result<IntentState, ProviderError> {
        match self.provider.cancel(intent).await {
            Err(ProviderError::Refused(_)) => self.provider.look(intent).await,
            answer => answer,
        }
    }
}
