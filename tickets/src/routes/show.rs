use axum::Json;
use axum::extract::State;
use common::api::TicketBody;
use common::contract::NotFound;
use common::error::ApiError;
use common::extract::PathId;
use common::id::Id;

use crate::state::Tickets;

/// `GET /api/tickets/:id`: one ticket, whoever holds it.
#[utoipa::path(
    get, path = "/api/tickets/{id}",
    params(("id" = Id, Path)),
    responses((status = 200, body = TicketBody), NotFound)
)]
pub async fn show(State(tickets): State<Tickets>, PathId(id): PathId) -> Result<Json<TicketBody>, ApiError> {
    Ok(Json(tickets.find(id).await?.body()))
}
