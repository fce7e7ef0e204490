use axum::Json;
use axum::extract::State;
use common::caller::Caller;
use common::contract::{Conflict, Refused};
use common::error::ApiError;
use common::extract::{Fields, Patch, Valid, ValidJson};
use common::security::Incident;
use serde_json::{Value, json};
use utoipa::ToSchema;

use super::LINK_NOT_VALID;
use crate::attempts::Attempt;
use crate::models::email::Email;
use crate::models::link::Token;
use crate::models::mail::Mail;
use crate::models::mails::Purpose;
use crate::models::user::User;
use crate::password::Password;
use crate::state::Auth;

/// The body of a reset: the first time the address, the second time what its mail says.
#[derive(ToSchema)]
#[serde(untagged)]
pub enum Reset {
    /// Somebody has forgotten a password.
    Forgotten {
        /// Of the account, if there is one.
        email: Email,
    },
    /// The link was opened.
    Opened {
        /// The link's.
        token: Token,
        /// The password to be set.
        #[schema(rename = "newPassword", value_type = String, format = Password, min_length = 8, max_length = 128)]
        password: Password,
    },
}

impl Valid for Reset {
    fn read(body: &mut Fields) -> Option<Self> {
        match body.take_optional("token", Token::parse)? {
            Patch::Set(token) => {
                let password = body.take("newPassword", Password::parse_new)?;
                Some(Self::Opened { token, password })
            }
            Patch::Keep | Patch::Clear => Some(Self::Forgotten { email: body.take("email", Email::parse)? }),
        }
    }
}

/// `POST /api/users/reset`: mails a link to an address, or sets the password of an account by such a link.
#[utoipa::path(
    post, path = "/api/users/reset",
    request_body = Reset,
    responses((status = 200, body = Object), Refused, Conflict)
)]
pub async fn reset(
    State(auth): State<Auth>,
    _attempt: Attempt,
    caller: Caller,
    ValidJson(request): ValidJson<Reset>,
) -> Result<Json<Value>, ApiError> {
    match request {
        // Whether the address has an account is asked when the mail is sent: neither the answer nor its time can tell.
        Reset::Forgotten { email } => auth.mails.post(&Mail::reset(&email)).await?,
        Reset::Opened { token, password } => set_password(&auth, &token, password, caller).await?,
    }
    Ok(Json(json!({})))
}

/// Sets the password, and ends every session of the account.
async fn set_password(auth: &Auth, token: &Token, password: Password, caller: Caller) -> Result<(), ApiError> {
    let not_valid = || ApiError::refused(LINK_NOT_VALID);
    // Asked first only to spare the hash; of several requests with one link, one redeems it.
    let link = auth.mails.link(Purpose::Reset, token).await?.ok_or_else(not_valid)?;
    let account = auth.users.find(link.user_id).await?.filter(|user| !user.is_deleted()).ok_or_else(not_valid)?;
    let password = password.other_than(&account.email).map_err(|message| ApiError::invalid("newPassword", message))?;
    let hash = auth.hasher.hash(password).await?;
    let link = auth.mails.redeem(Purpose::Reset, token).await?.ok_or_else(not_valid)?;
    auth.mails.void_resets(link.user_id).await?;
    let reset = |user: &mut User| match user.is_deleted() {
        true => Err(not_valid()),
        false => Ok(user.reset_password(hash.clone())),
    };
    let user = auth.users.change(link.user_id, reset).await?;
    auth.tell_all_ended(&user).await?;
    auth.guesses.forget(&user.email).await?;
    auth.note(Incident::PasswordChanged, Some(user.id), caller);
    auth.mails.post_or_log(&Mail::password_set(user.id)).await;
    Ok(())
}
