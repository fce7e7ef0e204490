use common::events::OrderCancelled;
use common::listener::Failure;

use crate::models::reservations::{Hold, Reservation};
use crate::state::Tickets;

/// `order.cancelled`: the order releases the ticket. Another order that holds it keeps it.
pub async fn order_cancelled(tickets: Tickets, event: OrderCancelled) -> Result<(), Failure> {
    let order =
        Reservation { order_id: event.id, version: event.version, hold: Hold::Released, deadline: None, buyer: None };
    tickets.apply(event.ticket.id, order).await
}
