//! `order.cancelled`

use std::convert::Infallible;

use common::events::OrderCancelled;
use common::listener::Failure;

use crate::models::reservations::Hold;
use crate::models::ticket::Ticket;
use crate::state::Tickets;

/// An order gives the ticket back. Whoever else holds it keeps it.
pub async fn order_cancelled(tickets: &Tickets, event: OrderCancelled) -> Result<(), Failure> {
    let note = |ticket: &mut Ticket| Ok::<_, Infallible>(ticket.note(event.id, event.version, Hold::Released));
    tickets.store.change(event.ticket.id, note).await?;
    Ok(())
}
