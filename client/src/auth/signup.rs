//! `GET /auth/signup` and `POST /auth/signup`

use axum::response::Response;

use super::{Credentials, CredentialsForm};
use crate::failure::{Failure, Refusal};
use crate::forms::Form;
use crate::next::Next;
use crate::page::Page;
use crate::visitor::Visitor;

const SIGN_UP: CredentialsForm = CredentialsForm {
    title: "Sign Up",
    path: "/auth/signup",
    api_path: "/api/users/signup",
    autocomplete: "new-password",
    hint: Some("8 to 128 characters"),
    other: ["Already have an account?", "Sign in", "/auth/signin"],
};

/// `GET /auth/signup`: the form.
pub async fn page(visitor: Visitor, next: Next) -> Page {
    SIGN_UP.page(&visitor, String::new(), &next, Refusal::default())
}

/// `POST /auth/signup`: makes an account and begins its session.
pub async fn submit(visitor: Visitor, Form(credentials): Form<Credentials>) -> Result<Response, Failure> {
    SIGN_UP.submit(&visitor, credentials).await
}
