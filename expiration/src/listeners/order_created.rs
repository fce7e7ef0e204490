use common::events::OrderCreated;
use common::listener::Failure;

use crate::schedule::Schedule;

/// `order.created`: the order is due at its `expiresAt`, and at once when that has passed.
///
/// When it comes after the order's `order.cancelled` or `order.completed`, or a second time after the order was due, the order
/// is due for nothing: the orders service ignores the expiry of an order that has ended.
pub async fn order_created(schedule: Schedule, event: OrderCreated) -> Result<(), Failure> {
    Ok(schedule.schedule(event.id, event.expires_at).await?)
}
