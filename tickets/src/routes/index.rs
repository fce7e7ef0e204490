use axum::extract::State;
use common::api::TicketBody;
use common::error::ApiError;
use common::page::{Listed, Page};

use crate::models::tickets as queries;
use crate::state::Tickets;

/// `GET /api/tickets`: the tickets that nobody has reserved.
pub async fn index(State(tickets): State<Tickets>, page: Page) -> Result<Listed<TicketBody>, ApiError> {
    let entries = queries::for_sale(&tickets.store, page).await?;
    let ids = entries.iter().map(|ticket| ticket.id).collect();
    Ok(Listed { path: "/api/tickets", page, entries, ids })
}
