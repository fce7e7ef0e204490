use axum::Json;
use axum::extract::State;
use axum::http::HeaderMap;
use axum::http::header::SET_COOKIE;
use axum::response::{AppendHeaders, IntoResponse};
use common::api::CurrentUserBody;
use common::auth::Sessions;
use common::error::ApiError;

/// `GET /api/users/currentuser`: the session's claims, or null. A session signed by another key than the first gets a new
/// cookie, so that the old key can be removed.
pub async fn current_user(State(sessions): State<Sessions>, headers: HeaderMap) -> Result<impl IntoResponse, ApiError> {
    let carried = sessions.carried(&headers);
    let renewed = carried.as_ref().map(|carried| sessions.renew(carried, &headers)).transpose()?.flatten();
    let body = CurrentUserBody { current_user: carried.map(|carried| carried.session) };
    Ok((renewed.map(|cookie| AppendHeaders([(SET_COOKIE, cookie)])), Json(body)))
}
