//! `POST /account/settings/password`

use axum::http::Method;
use axum::response::{IntoResponse, Response};
use serde::{Deserialize, Serialize};

use super::SETTINGS;
use super::settings::settings_page;
use crate::done::Done;
use crate::failure::{Failure, Service};
use crate::forms::{Form, at_current_password};
use crate::visitor::{SignedIn, set_cookies};

/// The current password and the one that takes its place.
#[derive(Default, Deserialize, Serialize)]
#[serde(default, rename_all = "camelCase")]
pub struct Change {
    password: String,
    new_password: String,
}

/// `POST /account/settings/password`: changes the password. The answer of the auth service begins a new session for this device, and
/// every other one is over.
pub async fn submit(SignedIn(visitor): SignedIn, Form(change): Form<Change>) -> Result<Response, Failure> {
    match visitor.call(Method::POST, Service::Auth, "/api/users/password").json(&change).send().await {
        Ok(headers) => Ok(visitor.lead_with(set_cookies(&headers), Done::PasswordChanged, SETTINGS)),
        Err(failure) => {
            let refusal = at_current_password(failure.refusal()?);
            Ok(settings_page(&visitor, refusal).await?.into_response())
        }
    }
}
