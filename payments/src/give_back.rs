//! Giving the money of a complete order back, because an operator decides so. The order stays complete, and says that it is
//! refunded; its ticket does not go back on sale.

use std::time::Duration;

use common::api::OrderStatus;
use common::error::ApiError;
use common::events::ORDER;
use common::id::Id;
use common::mongo::Aggregate;
use common::replica;
use tokio::time::timeout;

use crate::decide::Keep;
use crate::models::payment::PaymentStatus::{self, Authorised, Captured, Capturing, Refunding};
use crate::models::payment::{GivenBackBy, Payment};
use crate::models::payments;
use crate::state::Payments;

/// How long the answer waits for the provider, each time it is asked. The sweep goes on with what takes longer.
const WAIT: Duration = Duration::from_secs(5);

const NOTHING_TAKEN: &str = "No money was taken for this order";
const NOT_YET: &str = "The money for this order is not taken yet, try again in a few seconds";

impl Payments {
    /// Refunds what was taken for this complete order: it is stored that the money is to go back, then the provider is asked. When it
    /// goes back already, nothing changes. Of the original's orders some were charged twice; each charge goes back.
    ///
    /// # Errors
    /// 404 for an unknown order; 400 when no money was taken, or not yet.
    pub async fn give_back(&self, order_id: Id, operator: Id) -> Result<Payment, ApiError> {
        let order = replica::wait_for(&self.broker, ORDER, order_id, || self.orders.find(order_id)).await?;
        let (mut given_back, mut refusal) = (None, NOTHING_TAKEN);
        for payment in payments::all_in_slot(&self.store, order_id).await? {
            // What is held for a complete order is about to be taken.
            let payment = self.settle_if(Capturing, self.follow_order(payment).await?).await;
            let by = GivenBackBy::Operator(operator);
            let mut is_new = false;
            let give_back = |payment: &mut Payment, now| {
                let before = payment.version();
                payment.give_back(by.clone(), &order, now);
                is_new = payment.version() != before;
            };
            let stored = self.change(payment.id(), give_back).await?;
            if is_new {
                tracing::warn!(order = %order_id, payment = %payment.id(), %operator, "an operator gives the money of a complete order back");
            }
            let stored = self.settle_if(Refunding, stored).await;
            if is_to_be_taken(&stored, order.status) {
                refusal = NOT_YET;
            }
            given_back = given_back.or(Some(stored).filter(Payment::is_given_back));
        }
        given_back.ok_or_else(|| ApiError::refused(refusal))
    }

    /// Asks the provider for what is stored as this intent, and returns the payment as it is then.
    async fn settle_if(&self, intent: PaymentStatus, payment: Payment) -> Payment {
        if payment.status() != intent {
            return payment;
        }
        match timeout(WAIT, self.settle(payment.clone(), Keep::WithBuyer)).await {
            Ok(Ok(settled)) => settled,
            Err(_) => payment,
            Ok(Err(error)) => {
                tracing::warn!(payment = %payment.id(), %error, "not settled, the sweep will try again");
                payment
            }
        }
    }
}

fn is_to_be_taken(payment: &Payment, order: OrderStatus) -> bool {
    order != OrderStatus::Cancelled && matches!(payment.status(), Authorised | Capturing | Captured)
}
