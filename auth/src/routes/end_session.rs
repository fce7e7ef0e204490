use axum::extract::State;
use axum::http::StatusCode;
use common::auth::CurrentUser;
use common::caller::Caller;
use common::contract::{Conflict, NotAuthorized, NotFound};
use common::error::ApiError;
use common::extract::PathId;
use common::id::Id;
use common::security::Incident;

use crate::models::session::Session;
use crate::state::Auth;

/// `DELETE /api/users/sessions/:id`: ends a session of one's own, everywhere.
#[utoipa::path(
    delete, path = "/api/users/sessions/{id}",
    params(("id" = Id, Path)),
    responses((status = 204), NotAuthorized, NotFound, Conflict),
    security(("session" = []))
)]
pub async fn end_session(
    State(auth): State<Auth>,
    CurrentUser(user): CurrentUser,
    caller: Caller,
    PathId(id): PathId,
) -> Result<StatusCode, ApiError> {
    let end = |session: &mut Session| match session.user() == user.id {
        true => Ok(session.end()),
        false => Err(ApiError::NotAuthorized),
    };
    let ended = auth.open_sessions.change(id, end).await?;
    auth.tell_ended(&ended).await?;
    auth.note(Incident::SessionEnded, Some(user.id), caller);
    Ok(StatusCode::NO_CONTENT)
}
