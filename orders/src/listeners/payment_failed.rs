use common::events::PaymentFailed;
use common::listener::Failure;

use crate::models::order::Order;
use crate::state::Orders;

/// `payment.failed`: the money was authorised and can never be captured, so the order is cancelled, also when it is complete.
pub async fn payment_failed(orders: Orders, event: PaymentFailed) -> Result<(), Failure> {
    let mut is_new = false;
    let fail = |order: &mut Order| {
        let cancelled = order.fail();
        is_new = cancelled.is_some();
        Ok::<_, Failure>(cancelled)
    };
    let order = orders.change(event.order_id, fail).await?;
    if is_new {
        tracing::error!(order = %event.order_id, payment = %event.id, reason = event.reason, alert = true, "order cancelled, its money cannot be captured");
        return Ok(());
    }
    // Payments asks because it does not know of the order's end.
    Ok(orders.store.republish(&order)?)
}
