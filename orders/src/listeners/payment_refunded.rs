//! `payment.refunded`

use std::convert::Infallible;

use common::events::PaymentRefunded;
use common::listener::Failure;

use crate::models::order::Order;
use crate::state::Orders;

/// The buyer of a cancelled order got the money back: the order keeps how much.
pub async fn payment_refunded(orders: &Orders, event: PaymentRefunded) -> Result<(), Failure> {
    let note = |order: &mut Order| Ok::<_, Infallible>(order.note_refund(event.amount));
    orders.store.change(event.order_id, note).await?;
    Ok(())
}
