use axum::extract::State;
use axum::http::StatusCode;
use common::auth::CurrentUser;
use common::contract::{Conflict, NotAuthorized, NotFound, Refused};
use common::error::ApiError;
use common::extract::PathId;
use common::id::Id;

use crate::state::Tickets;

/// `DELETE /api/tickets/:id`: its seller takes it back. Afterwards there is no such ticket.
#[utoipa::path(
    delete, path = "/api/tickets/{id}",
    params(("id" = Id, Path)),
    responses((status = 204), Refused, NotAuthorized, NotFound, Conflict),
    security(("session" = []))
)]
pub async fn delete(
    State(tickets): State<Tickets>,
    CurrentUser(seller): CurrentUser,
    PathId(id): PathId,
) -> Result<StatusCode, ApiError> {
    tickets.withdraw(id, |ticket| ticket.withdraw(seller.id)).await?;
    Ok(StatusCode::NO_CONTENT)
}
