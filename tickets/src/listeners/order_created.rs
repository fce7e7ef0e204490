//! `order.created`

use std::convert::Infallible;

use common::events::OrderCreated;
use common::listener::Failure;

use crate::models::reservations::Hold;
use crate::models::ticket::Ticket;
use crate::state::Tickets;

/// An order reserves the ticket, unless it is known to have given it back.
pub async fn order_created(tickets: &Tickets, event: OrderCreated) -> Result<(), Failure> {
    let note = |ticket: &mut Ticket| Ok::<_, Infallible>(ticket.note(event.id, event.version, Hold::Live));
    tickets.store.change(event.ticket.id, note).await?;
    Ok(())
}
