use axum::extract::State;
use axum::http::StatusCode;
use common::auth::Operator;
use common::contract::NotFound;
use common::error::ApiError;
use common::extract::PathId;
use common::id::Id;

use crate::models::tickets as queries;
use crate::state::Tickets;

/// `DELETE /api/tickets/:id/reports`: an operator dismisses the reports of a ticket.
#[utoipa::path(
    delete, path = "/api/tickets/{id}/reports",
    params(("id" = Id, Path)),
    responses((status = 204), NotFound),
    security(("session" = []))
)]
pub async fn dismiss(State(tickets): State<Tickets>, _: Operator, PathId(id): PathId) -> Result<StatusCode, ApiError> {
    if let Some(latest) = tickets.find(id).await?.reported() {
        tickets.reports.dismiss(id, latest).await?;
        queries::mark_dismissed(&tickets.store, id, latest).await?;
    }
    Ok(StatusCode::NO_CONTENT)
}
