use axum::Json;
use axum::extract::State;
use common::auth::CurrentUser;
use common::contract::NotAuthorized;
use common::error::ApiError;
use serde_json::{Value, json};

use crate::attempts::Attempt;
use crate::models::mail::Mail;
use crate::state::Auth;

/// `POST /api/users/verify/resend`: mails the link that proves one's own address once more, unless the address is proved. A second
/// mail within a quarter of an hour is not sent.
#[utoipa::path(
    post, path = "/api/users/verify/resend",
    responses((status = 200, body = Object), NotAuthorized),
    security(("session" = []))
)]
pub async fn resend(
    State(auth): State<Auth>,
    CurrentUser(user): CurrentUser,
    _attempt: Attempt,
) -> Result<Json<Value>, ApiError> {
    if !user.verified {
        auth.mails.post(&Mail::proof_again(user.id)).await?;
    }
    Ok(Json(json!({})))
}
