use axum::Json;
use axum::extract::State;
use axum::http::HeaderMap;
use axum::response::IntoResponse;
use common::auth::CurrentUser;
use common::caller::Caller;
use common::error::ApiError;
use common::extract::{Fields, Valid, ValidJson};
use common::security::Incident;

use crate::attempts::Attempt;
use crate::password::Password;
use crate::state::Auth;

/// The body of a change of the password.
pub struct ChangePassword {
    password: Password,
    new_password: Password,
}

impl Valid for ChangePassword {
    fn read(body: &mut Fields) -> Option<Self> {
        let password = body.take("password", Password::parse);
        let new_password = body.take("newPassword", Password::parse_new);
        Some(Self { password: password?, new_password: new_password? })
    }
}

/// `POST /api/users/password`: sets another password, and ends every other session.
pub async fn change_password(
    State(auth): State<Auth>,
    CurrentUser(session): CurrentUser,
    _attempt: Attempt,
    caller: Caller,
    headers: HeaderMap,
    ValidJson(request): ValidJson<ChangePassword>,
) -> Result<impl IntoResponse, ApiError> {
    let is_refused = |message| ApiError::invalid("newPassword", message);
    let new_password = request.new_password.other_than(&session.email).map_err(is_refused)?;
    let confirmed = auth.confirm(session.id, request.password, caller, &headers).await?;
    let hash = auth.hasher.hash(new_password).await?;
    let user = auth.change_confirmed(&confirmed, |user| user.change_password(hash.clone())).await?;
    auth.note(Incident::PasswordChanged, Some(user.id), caller);
    let cookies = auth.begin_session(&user, caller, &headers).await?;
    Ok((cookies, Json(user.body())))
}
