use common::events::OrderCreated;
use common::listener::Failure;

use crate::models::reservations::{Hold, Reservation};
use crate::state::Tickets;

/// `order.created`: the order reserves the ticket, unless it was released or sold already.
pub async fn order_created(tickets: Tickets, event: OrderCreated) -> Result<(), Failure> {
    let order = Reservation {
        order_id: event.id,
        version: event.version,
        hold: Hold::Live,
        deadline: Some(event.expires_at),
        buyer: Some(event.user_id),
    };
    tickets.apply(event.ticket.id, order).await
}
