//! `GET /auth/signout` and `POST /auth/signout`

use axum::extract::State;
use axum::response::Response;
use leptos::prelude::*;

use super::see_with;
use crate::failure::Failure;
use crate::page::Page;
use crate::pages::account::SignOut;
use crate::state::Client;
use crate::visitor::Visitor;

/// `GET /auth/signout`: the button.
pub async fn page(visitor: Visitor) -> Page {
    visitor.page("Sign Out", view! { <SignOut /> })
}

/// `POST /auth/signout`: ends the session.
pub async fn submit(State(client): State<Client>, visitor: Visitor) -> Result<Response, Failure> {
    let cookies = client.auth.sign_out(&visitor).await?;
    Ok(see_with(cookies, "/"))
}
