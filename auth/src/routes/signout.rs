use axum::Json;
use axum::extract::State;
use axum::response::IntoResponse;
use common::auth::{Carried, Sessions};
use common::caller::Caller;
use common::contract::Conflict;
use common::error::ApiError;
use common::mongo::StoreError;
use common::security::Incident;
use serde_json::json;

use crate::models::session::Session;
use crate::state::Auth;

/// `POST /api/users/signout`: ends the session of this browser, if there is one, everywhere.
#[utoipa::path(
    post, path = "/api/users/signout",
    responses((status = 200, body = Object, headers(("Set-Cookie"))), Conflict),
    security((), ("session" = []))
)]
pub async fn signout(
    State(auth): State<Auth>,
    carried: Option<Carried>,
    caller: Caller,
) -> Result<impl IntoResponse, ApiError> {
    // Tokens of the original and of earlier versions have no id to be ended by: their cookie goes, and that is all.
    if let Some(session) = carried.and_then(|carried| carried.claims.session_id) {
        match auth.open_sessions.change(session, |session| Ok::<_, StoreError>(Session::end(session))).await {
            // The account is deleted: all of them have ended.
            Err(StoreError::NotFound) => {}
            ended => {
                let ended = ended?;
                auth.tell_ended(&ended).await?;
                auth.note(Incident::SessionEnded, Some(ended.user()), caller);
            }
        }
    }
    Ok((Sessions::clear(), Json(json!({}))))
}
