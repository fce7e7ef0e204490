//! Every event that the service handles.

mod payment_closed;
mod payment_created;
mod payment_failed;
mod payment_refunded;
mod state_requested;
mod ticket_created;
mod ticket_deleted;
mod ticket_updated;

use common::auth;
use common::listener::Handlers;

use crate::state::Orders;

/// One line for each event.
pub fn listeners() -> Handlers<Orders> {
    Handlers::new()
        .on(ticket_created::ticket_created)
        .on(ticket_updated::ticket_updated)
        .on(ticket_deleted::ticket_deleted)
        .on(payment_created::payment_created)
        .on(payment_closed::payment_closed)
        .on(payment_failed::payment_failed)
        .on(payment_refunded::payment_refunded)
        .on(auth::session_ended)
        .on(auth::user_deleted)
        .on(state_requested::state_requested)
}
