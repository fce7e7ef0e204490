//! Accounts and sessions.

pub mod signin;
pub mod signout;
pub mod signup;

use axum::http::header::SET_COOKIE;
use axum::response::{AppendHeaders, IntoResponse, Response};
use serde::Deserialize;

use crate::api::{Credentials, SetCookies};
use crate::page::see;

/// What the sign-up and sign-in pages post.
#[derive(Default, Deserialize)]
#[serde(default)]
pub struct CredentialsForm {
    email: String,
    password: String,
    next: String,
}

impl CredentialsForm {
    fn credentials(&self) -> Credentials<'_> {
        Credentials { email: &self.email, password: &self.password }
    }
}

/// 303 with the cookies that the auth service gave.
fn see_with(cookies: SetCookies, path: &str) -> Response {
    (AppendHeaders(cookies.0.into_iter().map(|cookie| (SET_COOKIE, cookie))), see(path)).into_response()
}
