use axum::Json;
use axum::extract::State;
use common::api::MailBody;
use common::contract::NotFound;
use common::error::ApiError;

use crate::state::Auth;

/// `GET /api/users/mails`: the mails that a platform on one machine shows instead of sending them, newest first, at most a hundred.
/// Elsewhere there is no such resource.
#[utoipa::path(
    get, path = "/api/users/mails",
    responses((status = 200, body = [MailBody]), NotFound)
)]
pub async fn mails(State(auth): State<Auth>) -> Result<Json<Vec<MailBody>>, ApiError> {
    if auth.mails.are_shown { Ok(Json(auth.mails.kept().await?)) } else { Err(ApiError::NotFound) }
}
