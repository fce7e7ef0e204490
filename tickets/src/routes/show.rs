use axum::Json;
use axum::extract::State;
use common::api::TicketBody;
use common::error::ApiError;
use common::extract::PathId;

use crate::state::Tickets;

/// `GET /api/tickets/:id`: one ticket, whoever holds it.
pub async fn show(State(tickets): State<Tickets>, PathId(id): PathId) -> Result<Json<TicketBody>, ApiError> {
    Ok(Json(tickets.find(id).await?.body()))
}
