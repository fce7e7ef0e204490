use axum::Json;
use axum::http::header::SET_COOKIE;
use axum::response::IntoResponse;
use common::auth::Sessions;
use serde_json::json;

/// `POST /api/users/signout`: ends the session of this browser, if there is one.
pub async fn signout() -> impl IntoResponse {
    ([(SET_COOKIE, Sessions::end())], Json(json!({})))
}
