//! `payment.refunded`

use common::events::PaymentRefunded;
use common::listener::Failure;

use crate::state::Orders;

/// The buyer of a cancelled order got the money back: the order keeps how much.
pub async fn payment_refunded(orders: Orders, event: PaymentRefunded) -> Result<(), Failure> {
    orders.store.change(event.order_id, |order| Ok(order.note_refund(event.amount))).await.map(drop)
}
