//! `order.cancelled`

use common::events::OrderCancelled;
use common::listener::Failure;

use crate::models::reservations::Hold;
use crate::state::Tickets;

/// An order gives the ticket back. Whoever else holds it keeps it.
pub async fn order_cancelled(tickets: Tickets, event: OrderCancelled) -> Result<(), Failure> {
    let change = tickets
        .store
        .change(event.ticket.id, |ticket| Ok::<_, Failure>(ticket.note(event.id, event.version, Hold::Released)));
    change.await.map(drop)
}
