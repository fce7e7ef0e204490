//! `order.completed`

use common::events::OrderCompleted;
use common::listener::Failure;

use crate::models::reservations::Hold;
use crate::state::Tickets;

/// An order has bought the ticket: it stays off the list for good.
pub async fn order_completed(tickets: Tickets, event: OrderCompleted) -> Result<(), Failure> {
    let change = tickets
        .store
        .change(event.ticket.id, |ticket| Ok::<_, Failure>(ticket.note(event.id, event.version, Hold::Sold)));
    change.await.map(drop)
}
