use common::events::OrderCreated;
use common::listener::Failure;

use crate::models::order::OrderUpdate;
use crate::state::Payments;

/// `order.created`: the order can be paid for, unless an event of its end was applied before.
pub async fn order_created(payments: Payments, event: OrderCreated) -> Result<(), Failure> {
    let OrderCreated { id, version, status, user_id, ticket, .. } = event;
    payments.apply(OrderUpdate { id, version, status, details: Some((user_id, ticket.price)) }).await
}
