use common::events::PaymentCreated;
use common::listener::Failure;
use common::mongo::StoreError;

use crate::models::order::Order;
use crate::state::Orders;

/// `payment.created`: the money is authorised, so the order is complete, unless it was cancelled first (then payments voids the money).
pub async fn payment_created(orders: Orders, event: PaymentCreated) -> Result<(), Failure> {
    let order = orders.store.find(event.order_id).await?.ok_or(StoreError::NotFound)?;
    let price = match order.price() {
        Some(price) => price,
        None => orders.tickets.find(order.ticket()).await?.ok_or(StoreError::NotFound)?.price,
    };
    let complete = |order: &mut Order| {
        Ok(order.complete(price).unwrap_or_else(|refusal| {
            tracing::info!(order = %event.order_id, payment = %event.id, %refusal, "the payment was authorised after the order's end, payments voids it");
            None
        }))
    };
    orders.store.change(event.order_id, complete).await.map(drop)
}
