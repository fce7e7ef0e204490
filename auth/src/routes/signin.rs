use axum::Json;
use axum::extract::State;
use axum::http::HeaderMap;
use axum::response::IntoResponse;
use common::caller::Caller;
use common::error::ApiError;
use common::extract::{Fields, Valid, ValidJson};

use crate::attempts::Attempt;
use crate::models::email::Email;
use crate::models::user::{self, User};
use crate::password::{Password, Verdict};
use crate::state::Auth;

/// The body of a sign-in.
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
pub async fn signin(
    State(auth): State<Auth>,
    _attempt: Attempt,
    caller: Caller,
    headers: HeaderMap,
    ValidJson(request): ValidJson<SignIn>,
) -> Result<impl IntoResponse, ApiError> {
    let user = user::with_email(&auth.users, &request.email).await?;
    let stored = user.as_ref().map(|user| user.password.clone());
    let verdict = auth.hasher.verify(request.password.clone(), stored).await?;
    let Some(user) = user.filter(|_| verdict != Verdict::Wrong) else {
        return Err(ApiError::refused("Invalid credentials"));
    };
    if verdict == Verdict::RightButLegacy {
        // A failure here does not fail the sign-in: the next one can replace the hash.
        if let Err(error) = rehash(&auth, &user, request.password).await {
            tracing::warn!(%error, user = %user.id, "the original's password hash was not replaced, the next sign-in tries again");
        }
    }
    let cookies = auth.begin_session(&user, caller, &headers).await?;
    Ok((cookies, Json(user.body())))
}

async fn rehash(auth: &Auth, user: &User, password: Password) -> Result<(), ApiError> {
    let hash = auth.hasher.hash(password).await?;
    Ok(user::rehash(&auth.users, user, hash).await?)
}
