use common::events::OrderCreated;
use common::listener::Failure;

use crate::schedule::Schedule;

/// `order.created`: the order is due at its `expiresAt`, and at once when that has passed.
///
/// When this event arrives after the order's end, or again after its expiry, the order expires without effect: the orders service
/// ignores the expiry of an order that has ended.
pub async fn order_created(schedule: Schedule, event: OrderCreated) -> Result<(), Failure> {
    schedule.add(event.id, event.expires_at).await
}
