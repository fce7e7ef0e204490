use axum::Json;
use axum::extract::State;
use axum::response::IntoResponse;
use common::api::CurrentUserBody;
use common::auth::Carried;
use common::caller::Caller;
use common::error::ApiError;

use crate::state::Auth;

/// `GET /api/users/currentuser`: the session's claims, or null. A session signed by another key than the first gets a new
/// cookie, so that the old key can be removed.
#[utoipa::path(
    get, path = "/api/users/currentuser",
    responses((status = 200, body = CurrentUserBody, headers(("Set-Cookie")))),
    security((), ("session" = []))
)]
pub async fn current_user(
    State(auth): State<Auth>,
    carried: Option<Carried>,
    caller: Caller,
) -> Result<impl IntoResponse, ApiError> {
    let renew = |carried: &Carried| auth.sessions.renew(carried, auth.others_retired, caller);
    let renewed = carried.as_ref().map(renew).transpose()?.flatten();
    if let Some(session) = carried.as_ref().and_then(|carried| carried.claims.session_id) {
        auth.seen.note(session);
    }
    let body = CurrentUserBody { current_user: carried.map(|carried| carried.claims.session) };
    Ok((renewed, Json(body)))
}
