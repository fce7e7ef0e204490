use axum::extract::State;
use axum::http::HeaderMap;
use axum::response::IntoResponse;
use common::api::UserBody;
use common::caller::Caller;
use common::contract::{NotAuthorized, Refused};
use common::error::ApiError;
use common::extract::{Fields, Valid, ValidJson};
use common::mongo::OnDuplicate;
use common::respond::Created;
use common::security::Incident;
use utoipa::ToSchema;

use crate::attempts::Attempt;
use crate::models::email::Email;
use crate::models::mail::Mail;
use crate::models::user::{self, User};
use crate::password::Password;
use crate::state::Auth;

/// The body of a sign-up.
#[derive(ToSchema)]
pub struct SignUp {
    email: Email,
    #[schema(value_type = String, format = Password, min_length = 8, max_length = 128)]
    password: Password,
}

impl Valid for SignUp {
    fn read(body: &mut Fields) -> Option<Self> {
        let email = body.take("email", Email::parse);
        let password = body.take("password", |value| {
            let password = Password::parse_new(value)?;
            email.as_ref().map_or(Ok(password.clone()), |email| password.other_than(email.as_str()))
        });
        Some(Self { email: email?, password: password? })
    }
}

/// `POST /api/users/signup`: creates an account and begins its first session.
#[utoipa::path(
    post, path = "/api/users/signup",
    request_body = SignUp,
    responses((status = 201, body = UserBody, headers(("Set-Cookie"))), Refused, NotAuthorized)
)]
pub async fn signup(
    State(auth): State<Auth>,
    _attempt: Attempt,
    caller: Caller,
    headers: HeaderMap,
    ValidJson(request): ValidJson<SignUp>,
) -> Result<impl IntoResponse, ApiError> {
    // Asked first only to spare the hash; the unique index decides.
    if user::with_email(&auth.users, &request.email).await?.is_some() {
        return Err(ApiError::refused("Email in use"));
    }
    let user = User::new(&request.email, auth.hasher.hash(request.password).await?);
    auth.users.insert(&user, ()).await.on_duplicate("Email in use")?;
    auth.mails.post_or_log(&Mail::proof(user.id)).await;
    auth.note(Incident::SignedUp, Some(user.id), caller);
    let cookies = auth.begin_session(&user, caller, &headers).await?;
    Ok((cookies, Created(user.body())))
}
