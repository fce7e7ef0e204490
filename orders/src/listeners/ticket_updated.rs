//! `ticket.updated`

use common::events::TicketUpdated;
use common::listener::Failure;

use crate::models::ticket::Ticket;
use crate::state::Orders;

/// A ticket says something else than before.
pub async fn ticket_updated(orders: Orders, event: TicketUpdated) -> Result<(), Failure> {
    let TicketUpdated { id, title, price, user_id, version, .. } = event;
    orders.tickets.take(&Ticket { id, title, price, seller: Some(user_id), version }).await?;
    Ok(())
}
