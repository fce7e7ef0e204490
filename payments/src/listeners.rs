//! Every event that the service handles.

mod expiration_complete;
mod order_cancelled;
mod order_completed;
mod order_created;
mod state_requested;

use common::auth;
use common::listener::Handlers;

use crate::state::Payments;

/// One line for each event.
pub fn listeners() -> Handlers<Payments> {
    Handlers::new()
        .on(order_created::order_created)
        .on(order_cancelled::order_cancelled)
        .on(order_completed::order_completed)
        .on(expiration_complete::expiration_complete)
        .on(auth::session_ended)
        .on(auth::user_deleted)
        .on(state_requested::state_requested)
}
