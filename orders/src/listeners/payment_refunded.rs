use common::events::PaymentRefunded;
use common::listener::Failure;

use crate::state::Orders;

/// `payment.refunded`: the buyer of a cancelled order got the money back; the order stores how much.
pub async fn payment_refunded(orders: Orders, event: PaymentRefunded) -> Result<(), Failure> {
    orders.store.change(event.order_id, |order| Ok(order.refund(event.amount))).await.map(drop)
}
