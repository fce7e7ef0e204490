use common::events::PaymentRefunded;
use common::listener::Failure;

use crate::models::order::Order;
use crate::state::Orders;

/// `payment.refunded`: the buyer got the money back, because the order was cancelled, or from an operator, and it stays complete. The
/// order stores how much.
pub async fn payment_refunded(orders: Orders, event: PaymentRefunded) -> Result<(), Failure> {
    let refund = |order: &mut Order| {
        order.refund(event.amount);
        Ok(())
    };
    orders.store.change(event.order_id, refund).await.map(drop)
}
