//! `GET /auth/signin` and `POST /auth/signin`

use axum::response::Response;

use super::{Credentials, CredentialsForm};
use crate::failure::{Failure, Refusal};
use crate::forms::Form;
use crate::next::Next;
use crate::page::Page;
use crate::visitor::Visitor;

const SIGN_IN: CredentialsForm = CredentialsForm {
    title: "Sign In",
    path: "/auth/signin",
    api_path: "/api/users/signin",
    autocomplete: "current-password",
    hint: None,
    other: ["New here?", "Sign up", "/auth/signup"],
};

/// `GET /auth/signin`: the form.
pub async fn page(visitor: Visitor, next: Next) -> Page {
    SIGN_IN.page(&visitor, String::new(), &next, Refusal::default())
}

/// `POST /auth/signin`: begins a session.
pub async fn submit(visitor: Visitor, Form(credentials): Form<Credentials>) -> Result<Response, Failure> {
    SIGN_IN.submit(&visitor, credentials).await
}
