use common::events::OrderCompleted;
use common::listener::Failure;

use crate::models::reservations::Hold;
use crate::state::Tickets;

/// `order.completed`: the order has bought the ticket, which is not for sale again unless its money cannot be captured and it is cancelled.
pub async fn order_completed(tickets: Tickets, event: OrderCompleted) -> Result<(), Failure> {
    tickets.apply(event.ticket.id, event.id, event.version, Hold::Sold, None).await
}
