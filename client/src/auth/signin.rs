//! `GET /auth/signin` and `POST /auth/signin`

use axum::response::Response;

use super::{Credentials, CredentialsForm};
use crate::failure::{Failure, Refusal};
use crate::forms::Form;
use crate::language::{Language, t};
use crate::next::Next;
use crate::page::Page;
use crate::visitor::Visitor;

fn form(language: Language) -> CredentialsForm {
    CredentialsForm {
        title: t!(language, "account-sign-in"),
        lead: t!(language, "account-sign-in-lead"),
        busy: t!(language, "account-signing-in"),
        path: "/auth/signin",
        api_path: "/api/users/signin",
        autocomplete: "current-password",
        hint: None,
        help: Some((t!(language, "account-forgot"), "/auth/forgot")),
        other: (t!(language, "account-new-here"), t!(language, "account-sign-up"), "/auth/signup"),
    }
}

/// `GET /auth/signin`: the form.
pub async fn page(visitor: Visitor, next: Next) -> Page {
    form(visitor.language()).page(&visitor, String::new(), &next, Refusal::default())
}

/// `POST /auth/signin`: begins a session.
pub async fn submit(visitor: Visitor, Form(credentials): Form<Credentials>) -> Result<Response, Failure> {
    form(visitor.language()).submit(&visitor, credentials).await
}
