use common::events::TicketUpdated;
use common::listener::Failure;

use crate::models::ticket::Ticket;
use crate::state::Orders;

/// `ticket.updated`: title or price have changed, or the ticket was reserved, released or sold.
pub async fn ticket_updated(orders: Orders, event: TicketUpdated) -> Result<(), Failure> {
    let TicketUpdated { id, title, price, user_id, version, order_id, starts_at } = event;
    let ticket = Ticket { id, title, price, seller: Some(user_id), order_id, starts_at, deleted: false, version };
    orders.tickets.apply(&ticket).await?;
    orders.rush.forget(id);
    Ok(())
}
