use common::api::OrderStatus;
use common::events::OrderCompleted;
use common::listener::Failure;

use crate::models::order::{Details, OrderUpdate};
use crate::state::Payments;

/// `order.completed`: the money that is held for the order is captured.
pub async fn order_completed(payments: Payments, event: OrderCompleted) -> Result<(), Failure> {
    let OrderCompleted { id, version, user_id, ticket, .. } = event;
    let details = Details { user_id, price: ticket.price, expires_at: None };
    payments.apply(OrderUpdate { id, version, status: OrderStatus::Complete, details: Some(details) }).await
}
