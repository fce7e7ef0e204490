use axum::extract::State;
use common::api::ReportBody;
use common::auth::CurrentUser;
use common::contract::{Conflict, NotAuthorized, NotFound, Refused};
use common::error::ApiError;
use common::extract::{PathId, ValidJson};
use common::id::Id;
use common::respond::Created;

use crate::models::reason::Reason;
use crate::models::tickets as queries;
use crate::state::Tickets;

/// `POST /api/tickets/:id/report`: a visitor reports a ticket. The first report of each counts; another is answered with it.
#[utoipa::path(
    post, path = "/api/tickets/{id}/report",
    params(("id" = Id, Path)),
    request_body = Reason,
    responses((status = 201, body = ReportBody), Refused, NotAuthorized, NotFound, Conflict),
    security(("session" = []))
)]
pub async fn report(
    State(tickets): State<Tickets>,
    CurrentUser(visitor): CurrentUser,
    PathId(id): PathId,
    ValidJson(Reason { reason }): ValidJson<Reason>,
) -> Result<Created<ReportBody>, ApiError> {
    tickets.find(id).await?;
    let report = tickets.reports.add(id, visitor.id, reason).await?;
    if !report.dismissed {
        queries::mark_reported(&tickets.store, id, report.id).await?;
    }
    Ok(Created(report.body()))
}
