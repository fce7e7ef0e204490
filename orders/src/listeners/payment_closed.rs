use common::events::PaymentClosed;
use common::listener::Failure;

use crate::models::order::Order;
use crate::state::Orders;

/// `payment.closed`: the order was not paid in time, and no card is charged for it any more, so it is cancelled.
pub async fn payment_closed(orders: Orders, event: PaymentClosed) -> Result<(), Failure> {
    let close = |order: &mut Order| {
        Ok(order.close().unwrap_or_else(|refusal| {
            // Payments publishes this only for an order whose money nobody authorised: one of the two databases was restored.
            tracing::error!(order = %event.order_id, %refusal, alert = true, "payments closed an order that is paid for, compare both databases");
            None
        }))
    };
    orders.change(event.order_id, close).await.map(drop)
}
