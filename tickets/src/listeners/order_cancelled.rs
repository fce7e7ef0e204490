use common::events::OrderCancelled;
use common::listener::Failure;

use crate::models::reservations::Hold;
use crate::state::Tickets;

/// `order.cancelled`: the order releases the ticket. Another order that holds it keeps it.
pub async fn order_cancelled(tickets: Tickets, event: OrderCancelled) -> Result<(), Failure> {
    tickets.apply(event.ticket.id, event.id, event.version, Hold::Released, None).await
}
