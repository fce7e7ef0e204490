use common::events::PaymentRefunded;
use common::listener::Failure;

use crate::models::order::Order;
use crate::state::Orders;

/// `payment.refunded`: the buyer of a cancelled order got the money back; the order stores how much.
pub async fn payment_refunded(orders: Orders, event: PaymentRefunded) -> Result<(), Failure> {
    let refund = |order: &mut Order| {
        order.refund(event.amount);
        Ok(())
    };
    orders.store.change(event.order_id, refund).await.map(drop)
}
