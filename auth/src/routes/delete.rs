use axum::extract::State;
use axum::http::{HeaderMap, StatusCode};
use axum::response::IntoResponse;
use common::auth::{CurrentUser, Sessions};
use common::caller::Caller;
use common::contract::{Conflict, NotAuthorized, Refused};
use common::error::ApiError;
use common::extract::{Fields, Valid, ValidJson};
use common::security::Incident;
use utoipa::ToSchema;

use crate::attempts::Attempt;
use crate::models::session;
use crate::models::user::User;
use crate::password::Password;
use crate::state::Auth;

/// The body of a deletion.
#[derive(ToSchema)]
pub struct DeleteAccount {
    password: Password,
}

impl Valid for DeleteAccount {
    fn read(body: &mut Fields) -> Option<Self> {
        Some(Self { password: body.take("password", Password::parse)? })
    }
}

/// `DELETE /api/users/me`: deletes one's account and ends its sessions. Its listings are withdrawn by the tickets service; what it sold
/// and bought stays, under an id that says nothing.
#[utoipa::path(
    delete, path = "/api/users/me",
    request_body = DeleteAccount,
    responses((status = 204, headers(("Set-Cookie"))), Refused, NotAuthorized, Conflict),
    security(("session" = []))
)]
pub async fn delete(
    State(auth): State<Auth>,
    CurrentUser(session): CurrentUser,
    _attempt: Attempt,
    caller: Caller,
    headers: HeaderMap,
    ValidJson(request): ValidJson<DeleteAccount>,
) -> Result<impl IntoResponse, ApiError> {
    let confirmed = auth.confirm(session.id, request.password, caller, &headers).await?;
    if auth.orders.has_open(confirmed.id).await? {
        return Err(ApiError::refused("Pay or cancel your open order first"));
    }
    let user = auth.change_confirmed(&confirmed, User::delete).await?;
    auth.note(Incident::AccountDeleted, Some(user.id), caller);
    session::delete_of(&auth.open_sessions, user.id).await?;
    Ok((StatusCode::NO_CONTENT, Sessions::clear()))
}
