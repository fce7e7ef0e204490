//! Who is asking.

use axum::Json;
use common::api::CurrentUserBody;
use common::auth::CurrentUser;

/// `GET /api/users/currentuser`: the session's claims, or null.
pub async fn current_user(user: Option<CurrentUser>) -> Json<CurrentUserBody> {
    Json(CurrentUserBody { current_user: user.map(|user| user.0) })
}
