use axum::extract::State;
use common::api::TicketBody;
use common::auth::CurrentUser;
use common::error::ApiError;
use common::extract::ValidJson;
use common::respond::Created;

use crate::models::offer::Offer;
use crate::models::ticket::Ticket;
use crate::state::Tickets;

/// `POST /api/tickets`: offers a ticket.
pub async fn new(
    State(tickets): State<Tickets>,
    CurrentUser(seller): CurrentUser,
    ValidJson(offer): ValidJson<Offer>,
) -> Result<Created<TicketBody>, ApiError> {
    let (ticket, created) = Ticket::offer(offer, seller.id);
    tickets.store.insert(&ticket, created).await?;
    Ok(Created(ticket.body()))
}
