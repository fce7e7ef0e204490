//! Every event that the service handles.

mod order_cancelled;
mod order_completed;
mod order_created;

use common::listener::Handlers;

use crate::schedule::Schedule;

/// One line for each event.
pub fn listeners() -> Handlers<Schedule> {
    Handlers::new()
        .on(order_created::order_created)
        .on(order_cancelled::order_cancelled)
        .on(order_completed::order_completed)
}
