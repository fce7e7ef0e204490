//! `order.created`

use common::events::OrderCreated;
use common::listener::Failure;

use crate::models::reservations::Hold;
use crate::state::Tickets;

/// An order reserves the ticket, unless it is known to have given it back.
pub async fn order_created(tickets: Tickets, event: OrderCreated) -> Result<(), Failure> {
    let change = tickets
        .store
        .change(event.ticket.id, |ticket| Ok::<_, Failure>(ticket.note(event.id, event.version, Hold::Live)));
    change.await.map(drop)
}
