use common::events::TicketDeleted;
use common::listener::Failure;

use crate::state::Orders;

/// `ticket.deleted`: the ticket was withdrawn, and cannot be ordered any more. Orders that were made before stay as they are.
pub async fn ticket_deleted(orders: Orders, event: TicketDeleted) -> Result<(), Failure> {
    orders.tickets.withdraw(event.id, event.version).await?;
    orders.rush.forget(event.id);
    Ok(())
}
