//! `GET /auth/signup` and `POST /auth/signup`

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
        title: t!(language, "account-sign-up"),
        lead: t!(language, "account-sign-up-lead"),
        busy: t!(language, "account-signing-up"),
        path: "/auth/signup",
        api_path: "/api/users/signup",
        autocomplete: "new-password",
        hint: Some(t!(language, "account-password-hint")),
        help: None,
        other: (t!(language, "account-known-here"), t!(language, "account-sign-in"), "/auth/signin"),
    }
}

/// `GET /auth/signup`: the form.
pub async fn page(visitor: Visitor, next: Next) -> Page {
    form(visitor.language()).page(&visitor, String::new(), &next, Refusal::default())
}

/// `POST /auth/signup`: makes an account and begins its session.
pub async fn submit(visitor: Visitor, Form(credentials): Form<Credentials>) -> Result<Response, Failure> {
    form(visitor.language()).submit(&visitor, credentials).await
}
