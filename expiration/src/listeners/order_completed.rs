use common::events::OrderCompleted;
use common::listener::Failure;

use crate::schedule::Schedule;

/// `order.completed`: an order that is paid for does not expire.
pub async fn order_completed(schedule: Schedule, event: OrderCompleted) -> Result<(), Failure> {
    Ok(schedule.forget(&[event.id]).await?)
}
