use axum::Json;
use axum::extract::State;
use axum::http::HeaderMap;
use axum::response::IntoResponse;
use common::api::UserBody;
use common::caller::Caller;
use common::contract::{NotAuthorized, Refused};
use common::error::ApiError;
use common::extract::{Fields, Valid, ValidJson};
use common::security::Incident;
use utoipa::ToSchema;

use crate::attempts::Attempt;
use crate::models::email::Email;
use crate::models::mail::Mail;
use crate::password::Password;
use crate::state::Auth;

/// The body of a sign-in.
#[derive(ToSchema)]
pub struct SignIn {
    email: Email,
    password: Password,
}

impl Valid for SignIn {
    fn read(body: &mut Fields) -> Option<Self> {
        let email = body.take("email", Email::parse);
        let password = body.take("password", Password::parse);
        Some(Self { email: email?, password: password? })
    }
}

/// `POST /api/users/signin`: begins a session.
#[utoipa::path(
    post, path = "/api/users/signin",
    request_body = SignIn,
    responses((status = 200, body = UserBody, headers(("Set-Cookie"))), Refused, NotAuthorized)
)]
pub async fn signin(
    State(auth): State<Auth>,
    _attempt: Attempt,
    caller: Caller,
    headers: HeaderMap,
    ValidJson(request): ValidJson<SignIn>,
) -> Result<impl IntoResponse, ApiError> {
    let user = auth.authenticate(&request.email, request.password, caller, &headers).await?;
    let cookies = auth.begin_session(&user, caller, &headers).await?;
    auth.note(Incident::SignedIn, Some(user.id), caller);
    // Accounts of the original are asked too, and those whose link has expired.
    if !user.is_proven() {
        auth.mails.post_or_log(&Mail::proof(user.id)).await;
    }
    Ok((cookies, Json(user.body())))
}
