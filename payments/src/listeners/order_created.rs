use common::events::OrderCreated;
use common::listener::Failure;

use crate::models::order::{Details, OrderUpdate};
use crate::state::Payments;

/// `order.created`: the order can be paid for until its deadline, unless an event of its end was applied before.
pub async fn order_created(payments: Payments, event: OrderCreated) -> Result<(), Failure> {
    let OrderCreated { id, version, status, user_id, expires_at, ticket } = event;
    let details = Details { user_id, price: ticket.price, expires_at: Some(expires_at) };
    payments.apply(OrderUpdate { id, version, status, details: Some(details) }).await
}
