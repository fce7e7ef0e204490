use common::events::OrderCreated;
use common::listener::Failure;

use crate::models::reservations::Hold;
use crate::state::Tickets;

/// `order.created`: the order reserves the ticket, unless it was released or sold already.
pub async fn order_created(tickets: Tickets, event: OrderCreated) -> Result<(), Failure> {
    tickets.apply(event.ticket.id, event.id, event.version, Hold::Live, Some(event.expires_at)).await
}
