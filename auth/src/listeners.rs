//! Every event that the service handles.

mod order_cancelled;
mod order_completed;
mod order_created;
mod state_requested;

use common::auth;
use common::listener::Handlers;

use crate::state::Auth;

/// One line for each event.
pub fn listeners() -> Handlers<Auth> {
    Handlers::new()
        .on(order_created::order_created)
        .on(order_completed::order_completed)
        .on(order_cancelled::order_cancelled)
        .on(auth::session_ended)
        .on(auth::user_deleted)
        .on(state_requested::state_requested)
}
