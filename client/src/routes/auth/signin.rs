//! `GET /auth/signin` and `POST /auth/signin`

use axum::extract::State;
use axum::response::{IntoResponse, Response};
use leptos::prelude::*;

use super::{CredentialsForm, see_with};
use crate::extract::Form;
use crate::failure::Failure;
use crate::next::Next;
use crate::page::Page;
use crate::pages::account::SignIn;
use crate::state::Client;
use crate::visitor::Visitor;

/// `GET /auth/signin`: the form.
pub async fn page(visitor: Visitor, next: Next) -> Page {
    visitor.page("Sign In", view! { <SignIn next /> })
}

/// `POST /auth/signin`: begins a session.
pub async fn submit(
    State(client): State<Client>,
    visitor: Visitor,
    Form(form): Form<CredentialsForm>,
) -> Result<Response, Failure> {
    let next = Next::parse(&form.next);
    match client.auth.sign_in(&visitor, &form.credentials()).await {
        Ok(cookies) => Ok(see_with(cookies, next.as_str())),
        Err(Failure::Refused(refusal)) => {
            let status = refusal.status;
            let content = view! { <SignIn email=form.email next messages=refusal.into() /> };
            Ok(visitor.page("Sign In", content).status(status).into_response())
        }
        Err(failure) => Err(failure),
    }
}
