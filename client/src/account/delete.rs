//! `GET /account/delete` and `POST /account/delete`

use axum::http::{Method, StatusCode};
use axum::response::{IntoResponse, Response};
use leptos::prelude::*;
use serde::{Deserialize, Serialize};

use super::{SETTINGS, signed_in_as};
use crate::assets::SUBMIT_ONCE;
use crate::card::{Notice, Tone};
use crate::done::Done;
use crate::failure::{Failure, Refusal, Service, Summary};
use crate::forms::{CurrentPassword, Form, at_current_password};
use crate::language::t;
use crate::page::Page;
use crate::visitor::{SignedIn, Visitor, set_cookies};

const FIELDS: [&str; 1] = ["password"];

/// Whoever deletes an account knows its password.
#[derive(Default, Deserialize, Serialize)]
#[serde(default)]
pub struct Proof {
    password: String,
}

/// `GET /account/delete`: says what happens, and asks for the password.
pub async fn page(SignedIn(visitor): SignedIn) -> Result<Page, Failure> {
    question(&visitor, Refusal::default())
}

/// `POST /account/delete`: deletes the account.
pub async fn submit(SignedIn(visitor): SignedIn, Form(proof): Form<Proof>) -> Result<Response, Failure> {
    match visitor.call(Method::DELETE, Service::Auth, "/api/users/me").json(&proof).send().await {
        Ok(headers) => Ok(visitor.lead_with(set_cookies(&headers), Done::AccountDeleted, "/")),
        Err(failure) => Ok(question(&visitor, at_current_password(failure.refusal()?))?.into_response()),
    }
}

fn question(visitor: &Visitor, refusal: Refusal) -> Result<Page, Failure> {
    let account = signed_in_as(visitor)?;
    let language = visitor.language();
    let outcome = refusal.outcome();
    let refusal = refusal.in_form(language, &FIELDS);
    let heading = t!(language, "delete-heading");
    let busy = t!(language, "delete-deleting");
    let messages = refusal.about_all_but(&FIELDS);
    // The service refuses while an order is open, so the page leads there.
    let path = visitor.open_orders().map_or_else(|| "/orders".to_owned(), |open| open.path());
    let is_refused = outcome.status == StatusCode::BAD_REQUEST && !messages.is_empty();
    let open = (visitor.open_orders().is_some() || is_refused).then(|| {
        view! {
            <Notice tone=Tone::Warn>
                <p>{t!(language, "delete-open-orders")} " " <a href=path>{t!(language, "delete-to-order")}</a></p>
            </Notice>
        }
    });
    let content = view! {
        <h1>{heading.clone()}</h1>
        {open}
        <p>{t!(language, "delete-about")}</p>
        <ul>
            <li>{t!(language, "delete-about-listings")}</li>
            <li>{t!(language, "delete-about-sales")}</li>
            <li>{t!(language, "delete-about-tickets")}</li>
            <li>{t!(language, "delete-about-sessions")}</li>
        </ul>
        <form method="post" action="/account/delete">
            <Summary messages />
            <CurrentPassword account=&account label=t!(language, "account-password") refusal />
            <div class="actions">
                <submit-once busy=busy><button class="danger">{t!(language, "delete-button")}</button></submit-once>
                <a class="button quiet" href=SETTINGS>{t!(language, "delete-keep")}</a>
            </div>
        </form>
    };
    Ok(visitor.page(heading, content).outcome(outcome).script(&SUBMIT_ONCE))
}
