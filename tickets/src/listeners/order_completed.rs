use common::events::OrderCompleted;
use common::listener::Failure;

use crate::models::reservations::{Hold, Reservation};
use crate::state::Tickets;

/// `order.completed`: the order has bought the ticket, which is not for sale again unless its money cannot be captured and it is cancelled.
pub async fn order_completed(tickets: Tickets, event: OrderCompleted) -> Result<(), Failure> {
    let order = Reservation {
        order_id: event.id,
        version: event.version,
        hold: Hold::Sold,
        deadline: None,
        buyer: Some(event.user_id),
    };
    tickets.apply(event.ticket.id, order).await
}
