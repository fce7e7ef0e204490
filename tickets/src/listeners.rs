//! Every event that the service handles.

mod order_cancelled;
mod order_completed;
mod order_created;
mod state_requested;
mod user_deleted;

use common::auth;
use common::listener::Handlers;

use crate::state::Tickets;

/// One line for each event.
pub fn listeners() -> Handlers<Tickets> {
    Handlers::new()
        .on(order_created::order_created)
        .on(order_cancelled::order_cancelled)
        .on(order_completed::order_completed)
        .on(auth::session_ended)
        .on(user_deleted::user_deleted)
        .on(state_requested::state_requested)
}
