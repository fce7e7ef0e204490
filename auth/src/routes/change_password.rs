use axum::Json;
use axum::extract::State;
use axum::http::HeaderMap;
use axum::response::IntoResponse;
use common::api::UserBody;
use common::auth::CurrentUser;
use common::caller::Caller;
use common::contract::{Conflict, NotAuthorized, Refused};
use common::error::ApiError;
use common::extract::{Fields, Valid, ValidJson};
use common::security::Incident;
use utoipa::ToSchema;

use crate::attempts::Attempt;
use crate::password::Password;
use crate::state::Auth;

/// The body of a change of the password.
#[derive(ToSchema)]
#[schema(rename_all = "camelCase")]
pub struct ChangePassword {
    password: Password,
    #[schema(value_type = String, format = Password, min_length = 8, max_length = 128)]
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
#[utoipa::path(
    post, path = "/api/users/password",
    request_body = ChangePassword,
    responses((status = 200, body = UserBody, headers(("Set-Cookie"))), Refused, NotAuthorized, Conflict),
    security(("session" = []))
)]
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
