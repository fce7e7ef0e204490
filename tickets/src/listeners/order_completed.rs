//! `order.completed`

use std::convert::Infallible;

use common::events::OrderCompleted;
use common::listener::Failure;

use crate::models::reservations::Hold;
use crate::models::ticket::Ticket;
use crate::state::Tickets;

/// An order has bought the ticket: it stays off the list for good.
pub async fn order_completed(tickets: &Tickets, event: OrderCompleted) -> Result<(), Failure> {
    let note = |ticket: &mut Ticket| Ok::<_, Infallible>(ticket.note(event.id, event.version, Hold::Sold));
    tickets.store.change(event.ticket.id, note).await?;
    Ok(())
}
