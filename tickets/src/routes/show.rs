use axum::extract::State;
use common::answers::JsonAnswer;
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
    responses((status = 200, body = TicketBody, headers(("ETag"))), (status = 304), NotFound)
)]
pub async fn show(State(tickets): State<Tickets>, PathId(id): PathId) -> Result<JsonAnswer, ApiError> {
    let read = async || JsonAnswer::new(&tickets.find(id).await?.body(), None);
    tickets.answers.get(&id.to_string(), read).await
}
