use axum::extract::State;
use axum::http::StatusCode;
use common::auth::Operator;
use common::contract::{Conflict, NotFound, Refused};
use common::error::ApiError;
use common::extract::{PathId, ValidJson};
use common::id::Id;

use crate::models::reason::Reason;
use crate::state::Tickets;

/// `POST /api/tickets/:id/takedown`: an operator withdraws a ticket, and says why to its seller.
#[utoipa::path(
    post, path = "/api/tickets/{id}/takedown",
    params(("id" = Id, Path)),
    request_body = Reason,
    responses((status = 204), Refused, NotFound, Conflict),
    security(("session" = []))
)]
pub async fn takedown(
    State(tickets): State<Tickets>,
    Operator(operator): Operator,
    PathId(id): PathId,
    ValidJson(Reason { reason }): ValidJson<Reason>,
) -> Result<StatusCode, ApiError> {
    tickets.withdraw(id, |ticket| ticket.take_down(&reason)).await?;
    tracing::info!(ticket = %id, operator = %operator.id, "a listing was taken down");
    Ok(StatusCode::NO_CONTENT)
}
