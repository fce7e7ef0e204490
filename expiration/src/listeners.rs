//! Every event that the service handles.

mod order_cancelled;
mod order_completed;
mod order_created;

use common::listener::Listeners;
use common::nats::Broker;

use crate::NAME;
use crate::schedule::Schedule;

/// One line for each event.
pub fn listeners(schedule: Schedule, broker: Broker) -> Listeners<Schedule> {
    Listeners::new(NAME, schedule, broker)
        .on(order_created::order_created)
        .on(order_cancelled::order_cancelled)
        .on(order_completed::order_completed)
}
