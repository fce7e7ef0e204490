use common::events::OrderCreated;
use common::listener::Failure;

use crate::schedule::Schedule;

/// `order.created`: the order is due at its `expiresAt`, and at once when that has passed.
///
/// When this event arrives after the order's end, or again after its expiry, the order expires without effect: payments, which
/// decides whether an order was paid in time, has decided already.
pub async fn order_created(schedule: Schedule, event: OrderCreated) -> Result<(), Failure> {
    schedule.add(event.id, event.expires_at).await
}
