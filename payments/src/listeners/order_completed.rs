use common::api::OrderStatus;
use common::events::OrderCompleted;
use common::listener::Failure;

use crate::models::order::OrderUpdate;
use crate::state::Payments;

/// `order.completed`: the money that is held for the order is captured.
pub async fn order_completed(payments: Payments, event: OrderCompleted) -> Result<(), Failure> {
    let OrderCompleted { id, version, user_id, ticket } = event;
    let (status, details) = (OrderStatus::Complete, Some((user_id, ticket.price)));
    payments.apply(OrderUpdate { id, version, status, details }).await
}
