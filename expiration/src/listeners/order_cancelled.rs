use common::events::OrderCancelled;
use common::listener::Failure;

use crate::schedule::Schedule;

/// `order.cancelled`: nothing to wait for any more.
pub async fn order_cancelled(schedule: Schedule, event: OrderCancelled) -> Result<(), Failure> {
    Ok(schedule.forget(&[event.id]).await?)
}
