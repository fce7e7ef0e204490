use axum::extract::State;
use axum::http::HeaderName;
use axum::http::header::{
    CACHE_CONTROL, CONTENT_DISPOSITION, CONTENT_SECURITY_POLICY, CONTENT_TYPE, X_CONTENT_TYPE_OPTIONS,
};
use axum::response::IntoResponse;
use common::auth::CurrentUser;
use common::contract::NotFound;
use common::error::ApiError;
use common::events::ORDER;
use common::extract::PathId;
use common::id::Id;
use common::replica;

use crate::models::ticket::Ticket;
use crate::models::ticket::file::Access;
use crate::state::Tickets;

/// `GET /api/tickets/:id/file`: the ticket itself, for its seller and for its buyer once the order is complete. For everybody else
/// there is no such file.
#[utoipa::path(
    get, path = "/api/tickets/{id}/file",
    params(("id" = Id, Path)),
    responses(
        (status = 200, content(("application/pdf"), ("image/png"), ("image/jpeg")), headers(("Content-Disposition"))),
        NotFound,
    ),
    security(("session" = []))
)]
pub async fn download(
    State(tickets): State<Tickets>,
    user: Option<CurrentUser>,
    PathId(id): PathId,
) -> Result<impl IntoResponse, ApiError> {
    let CurrentUser(user) = user.ok_or(ApiError::NotFound)?;
    let ticket = readable(&tickets, id, user.id).await?;
    let file = ticket.file().ok_or(ApiError::NotFound)?;
    let bytes = tickets.files.read(file).await?;
    let headers: [(HeaderName, String); 5] = [
        (CONTENT_TYPE, file.media_type.media_type().to_owned()),
        (CONTENT_DISPOSITION, format!("attachment; filename=\"{}\"", ticket.file_name(file.media_type))),
        (X_CONTENT_TYPE_OPTIONS, "nosniff".to_owned()),
        (CONTENT_SECURITY_POLICY, "default-src 'none'; sandbox".to_owned()),
        (CACHE_CONTROL, "private, no-store".to_owned()),
    ];
    Ok((headers, bytes))
}

/// The ticket, if it has a file and this user may read it. The event that makes its order complete may be on its way, and is waited for.
async fn readable(tickets: &Tickets, id: Id, user: Id) -> Result<Ticket, ApiError> {
    let mut ticket = tickets.find(id).await?;
    if ticket.file().is_none() {
        return Err(ApiError::NotFound);
    }
    if let Access::Pending(order) = ticket.access(user) {
        let is_settled = |ticket: &Ticket| !matches!(ticket.access(user), Access::Pending(_));
        let look = || async move { Ok(tickets.store.find(id).await?.filter(is_settled)) };
        ticket = replica::wait_for(&tickets.broker, ORDER, order, look).await?;
    }
    match ticket.access(user) {
        Access::Granted => Ok(ticket),
        _ if tickets.broker.is_behind() => Err(ApiError::Unavailable(format!("an order of {id} may be on its way"))),
        _ => Err(ApiError::NotFound),
    }
}
