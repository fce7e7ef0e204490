//! Who is signed in.

use std::time::Duration;

use axum::http::{HeaderValue, Method, header};
use common::api::{CurrentUserBody, SessionBody};
use reqwest::Response;
use serde::Serialize;
use serde_json::json;

use crate::api::Service;
use crate::failure::Failure;
use crate::visitor::Visitor;

/// How long the auth service may take to say whose session it is. Every page asks, and most can do without the answer.
const RECOGNISE_LIMIT: Duration = Duration::from_secs(1);

/// The auth service.
#[derive(Clone)]
pub struct AuthApi(pub Service);

/// What a person signs up and in with, as typed.
#[derive(Serialize)]
pub struct Credentials<'a> {
    /// The address.
    pub email: &'a str,
    /// The password, which never goes back to the browser.
    pub password: &'a str,
}

/// The cookies that begin, carry on or end a session, for the visitor's browser.
#[derive(Default)]
pub struct SetCookies(pub Vec<HeaderValue>);

impl AuthApi {
    /// `POST /api/users/signup`
    ///
    /// # Errors
    /// What any answer but a success means to a page.
    pub async fn sign_up(&self, visitor: &Visitor, credentials: &Credentials<'_>) -> Result<SetCookies, Failure> {
        self.post(visitor, "/api/users/signup", credentials).await
    }

    /// `POST /api/users/signin`
    ///
    /// # Errors
    /// What any answer but a success means to a page.
    pub async fn sign_in(&self, visitor: &Visitor, credentials: &Credentials<'_>) -> Result<SetCookies, Failure> {
        self.post(visitor, "/api/users/signin", credentials).await
    }

    /// `POST /api/users/signout`
    ///
    /// # Errors
    /// What any answer but a success means to a page.
    pub async fn sign_out(&self, visitor: &Visitor) -> Result<SetCookies, Failure> {
        self.post(visitor, "/api/users/signout", &json!({})).await
    }

    /// `GET /api/users/currentuser`, with the cookies by which the session goes on when its key is being replaced.
    ///
    /// # Errors
    /// What any answer but a success means to a page.
    pub async fn current_user(&self, visitor: &Visitor) -> Result<(Option<SessionBody>, SetCookies), Failure> {
        let request = self.0.request(Method::GET, visitor, "/api/users/currentuser").timeout(RECOGNISE_LIMIT);
        let response = self.0.send(request).await?;
        let cookies = SetCookies::of(&response);
        let body: CurrentUserBody = self.0.read(response).await?;
        Ok((body.current_user, cookies))
    }

    async fn post(&self, visitor: &Visitor, path: &str, body: &impl Serialize) -> Result<SetCookies, Failure> {
        let response = self.0.send_json(Method::POST, visitor, path, body).await?;
        Ok(SetCookies::of(&response))
    }
}

impl SetCookies {
    fn of(response: &Response) -> Self {
        Self(response.headers().get_all(header::SET_COOKIE).iter().cloned().collect())
    }
}
