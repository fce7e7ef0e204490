//! `payment.created`

use common::events::PaymentCreated;
use common::listener::Failure;
use common::mongo::ChangeError;

use crate::state::Orders;

/// A payment was authorised: the order is complete, unless it was cancelled first (then payments voids the money).
pub async fn payment_created(orders: &Orders, event: PaymentCreated) -> Result<(), Failure> {
    let unknown = |what: &str| Failure::Failed(format!("there is no such {what}"));
    let order = orders.store.find(event.order_id).await?.ok_or_else(|| unknown("order"))?;
    let price = match order.price() {
        Some(price) => price,
        None => orders.tickets.find(order.ticket()).await?.ok_or_else(|| unknown("ticket"))?.price,
    };
    match orders.store.change(event.order_id, |order| order.complete(price)).await {
        Ok(_) => Ok(()),
        Err(ChangeError::Refused(refusal)) => {
            tracing::info!(order = %event.order_id, payment = %event.id, %refusal, "the payment comes too late");
            Ok(())
        }
        Err(ChangeError::NotFound) => Err(unknown("order")),
        Err(ChangeError::Store(error)) => Err(error.into()),
    }
}
