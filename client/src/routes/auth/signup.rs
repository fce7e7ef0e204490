//! `GET /auth/signup` and `POST /auth/signup`

use axum::extract::State;
use axum::response::{IntoResponse, Response};
use leptos::prelude::*;

use super::{CredentialsForm, see_with};
use crate::extract::Form;
use crate::failure::Failure;
use crate::next::Next;
use crate::page::Page;
use crate::pages::account::SignUp;
use crate::state::Client;
use crate::visitor::Visitor;

/// `GET /auth/signup`: the form.
pub async fn page(visitor: Visitor, next: Next) -> Page {
    visitor.page("Sign Up", view! { <SignUp next /> })
}

/// `POST /auth/signup`: makes an account and begins its session.
pub async fn submit(
    State(client): State<Client>,
    visitor: Visitor,
    Form(form): Form<CredentialsForm>,
) -> Result<Response, Failure> {
    let next = Next::parse(&form.next);
    match client.auth.sign_up(&visitor, &form.credentials()).await {
        Ok(cookies) => Ok(see_with(cookies, next.as_str())),
        Err(Failure::Refused(refusal)) => {
            let status = refusal.status;
            let content = view! { <SignUp email=form.email next messages=refusal.into() /> };
            Ok(visitor.page("Sign Up", content).status(status).into_response())
        }
        Err(failure) => Err(failure),
    }
}
