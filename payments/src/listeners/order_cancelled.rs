use common::api::OrderStatus;
use common::events::OrderCancelled;
use common::listener::Failure;

use crate::models::order::OrderUpdate;
use crate::state::Payments;

/// `order.cancelled`: money that is held for the order is released, captured money is refunded, and no card is charged for it any
/// more.
pub async fn order_cancelled(payments: Payments, event: OrderCancelled) -> Result<(), Failure> {
    let OrderCancelled { id, version, .. } = event;
    payments.apply(OrderUpdate { id, version, status: OrderStatus::Cancelled, details: None }).await
}
