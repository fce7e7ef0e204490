use common::events::TicketCreated;
use common::listener::Failure;

use crate::models::ticket::Ticket;
use crate::state::Orders;

/// `ticket.created`: the ticket can be ordered from now on.
pub async fn ticket_created(orders: Orders, event: TicketCreated) -> Result<(), Failure> {
    let TicketCreated { id, title, price, user_id, version, starts_at } = event;
    let ticket = Ticket { id, title, price, seller: Some(user_id), order_id: None, starts_at, deleted: false, version };
    Ok(orders.tickets.apply(&ticket).await?)
}
