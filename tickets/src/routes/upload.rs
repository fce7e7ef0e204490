use axum::Json;
use axum::body::Body;
use axum::extract::State;
use common::api::TicketBody;
use common::auth::CurrentUser;
use common::contract::{Conflict, NotAuthorized, NotFound, Refused};
use common::error::ApiError;
use common::extract::PathId;
use common::id::Id;

use crate::models::upload::Upload;
use crate::state::Tickets;

/// `PUT /api/tickets/:id/file`: its seller attaches the ticket itself. The body is the file, which has a limit of its own.
#[utoipa::path(
    put, path = "/api/tickets/{id}/file",
    params(("id" = Id, Path)),
    request_body(content(("application/pdf"), ("image/png"), ("image/jpeg"))),
    responses((status = 200, body = TicketBody), Refused, NotAuthorized, NotFound, Conflict),
    security(("session" = []))
)]
pub async fn upload(
    State(tickets): State<Tickets>,
    CurrentUser(seller): CurrentUser,
    PathId(id): PathId,
    body: Body,
) -> Result<Json<TicketBody>, ApiError> {
    let ticket = tickets.find(id).await?;
    ticket.check_seller(seller.id)?;
    let upload = Upload::read(body).await?;
    // The answer to the first attempt may have been lost.
    if ticket.carries(&upload.sha256) {
        return Ok(Json(ticket.body()));
    }
    ticket.check_replaceable()?;
    let ticket = tickets.attach(ticket, seller.id, upload).await?;
    Ok(Json(ticket.body()))
}
