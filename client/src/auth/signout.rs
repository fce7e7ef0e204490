//! `GET /auth/signout` and `POST /auth/signout`

use axum::http::Method;
use axum::response::Response;
use leptos::prelude::*;
use serde_json::json;

use crate::done::Done;
use crate::failure::{Failure, Service};
use crate::language::t;
use crate::page::Page;
use crate::visitor::{Visitor, set_cookies};

/// `GET /auth/signout`: the button.
pub async fn page(visitor: Visitor) -> Page {
    let language = visitor.language();
    let heading = t!(language, "account-sign-out");
    let content = view! {
        <h1>{heading.clone()}</h1>
        <form method="post" action="/auth/signout">
            <p>{t!(language, "account-sign-out-about")}</p>
            <button>{heading.clone()}</button>
        </form>
    };
    visitor.page(heading, content)
}

/// `POST /auth/signout`: ends the session.
pub async fn submit(visitor: Visitor) -> Result<Response, Failure> {
    let call = visitor.call(Method::POST, Service::Auth, "/api/users/signout").json(&json!({}));
    Ok(visitor.lead_with(set_cookies(&call.send().await?), Done::SignedOut, "/"))
}
