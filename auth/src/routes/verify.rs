use axum::Json;
use axum::extract::State;
use axum::response::IntoResponse;
use common::auth::Carried;
use common::caller::Caller;
use common::contract::{Conflict, Refused};
use common::error::ApiError;
use common::extract::{Fields, Valid, ValidJson};
use serde_json::json;
use utoipa::ToSchema;

use super::LINK_NOT_VALID;
use crate::attempts::Attempt;
use crate::models::link::Token;
use crate::models::mails::Purpose;
use crate::models::user::User;
use crate::state::Auth;

/// The body of a proof.
#[derive(ToSchema)]
pub struct Verify {
    token: Token,
}

impl Valid for Verify {
    fn read(body: &mut Fields) -> Option<Self> {
        Some(Self { token: body.take("token", Token::parse)? })
    }
}

/// `POST /api/users/verify`: proves the address of an account by the link that was mailed to it. A session of that account says so from
/// now on.
#[utoipa::path(
    post, path = "/api/users/verify",
    request_body = Verify,
    responses((status = 200, body = Object, headers(("Set-Cookie"))), Refused, Conflict),
    security((), ("session" = []))
)]
pub async fn verify(
    State(auth): State<Auth>,
    carried: Option<Carried>,
    _attempt: Attempt,
    caller: Caller,
    ValidJson(Verify { token }): ValidJson<Verify>,
) -> Result<impl IntoResponse, ApiError> {
    let not_valid = || ApiError::refused(LINK_NOT_VALID);
    let link = auth.mails.link(Purpose::Proof, &token).await?.ok_or_else(not_valid)?;
    let prove = |user: &mut User| {
        if user.is_deleted() {
            return Err(not_valid());
        }
        user.prove();
        Ok(())
    };
    auth.users.change(link.user_id, prove).await?;
    // Used up last: a link must not be lost for a proof that was not stored.
    auth.mails.redeem(Purpose::Proof, &token).await?;
    let own = carried.map(|carried| carried.claims).filter(|claims| claims.session.id == link.user_id);
    let cookies = own.map(|mut claims| {
        claims.session.verified = true;
        auth.sessions.begin(&claims, caller)
    });
    Ok((cookies.transpose()?, Json(json!({}))))
}
