use axum::Json;
use axum::extract::State;
use common::api::OwnSessionBody;
use common::auth::Carried;
use common::contract::NotAuthorized;
use common::error::ApiError;

use crate::models::session;
use crate::state::Auth;

/// `GET /api/users/sessions`: one's own sessions that have not ended, newest first, a hundred at most.
#[utoipa::path(
    get, path = "/api/users/sessions",
    responses((status = 200, body = [OwnSessionBody]), NotAuthorized),
    security(("session" = []))
)]
pub async fn sessions(State(auth): State<Auth>, carried: Carried) -> Result<Json<Vec<OwnSessionBody>>, ApiError> {
    let user = auth.user(carried.claims.session.id).await?;
    let sessions = session::of_user(&auth.open_sessions, &user).await?;
    let current = carried.claims.session_id;
    Ok(Json(sessions.into_iter().map(|session| session.body(current)).collect()))
}
