use common::events::OrderCancelled;
use common::listener::Failure;

use crate::schedule::Schedule;

/// `order.cancelled`: the order does not expire any more.
pub async fn order_cancelled(schedule: Schedule, event: OrderCancelled) -> Result<(), Failure> {
    schedule.remove(&[event.id]).await
}
