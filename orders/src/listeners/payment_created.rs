use common::events::PaymentCreated;
use common::listener::Failure;
use common::mongo::StoreError;

use crate::models::order::Order;
use crate::state::Orders;

/// `payment.created`: the money is authorised, so the order is complete, unless it was cancelled first (then payments voids the money).
pub async fn payment_created(orders: Orders, event: PaymentCreated) -> Result<(), Failure> {
    let order = orders.store.recall(event.order_id).await?.ok_or(StoreError::NotFound)?;
    let price = match order.price() {
        Some(price) => price,
        None => orders.tickets.find_known(order.ticket()).await?.ok_or(StoreError::NotFound)?.price,
    };
    let mut is_new = false;
    let complete = |order: &mut Order| {
        let completed = order.complete(price).unwrap_or_else(|refusal| {
            tracing::info!(order = %event.order_id, payment = %event.id, %refusal, "the payment was authorised after the order's end, payments voids it");
            None
        });
        is_new = completed.is_some();
        Ok::<_, Failure>(completed)
    };
    let order = orders.change(event.order_id, complete).await?;
    // Payments publishes this again, with growing pauses, for as long as it does not know of the order's end.
    if is_new { Ok(()) } else { Ok(orders.store.republish(&order)?) }
}
