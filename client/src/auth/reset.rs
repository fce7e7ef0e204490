//! `GET /reset` and `POST /reset`: where the link of a mail leads that lets its reader choose a new password.

use axum::extract::Query;
use axum::extract::rejection::QueryRejection;
use axum::http::{Method, StatusCode};
use axum::response::{IntoResponse, Response};
use leptos::prelude::*;
use serde::{Deserialize, Serialize};

use super::link::{Link, lost_page};
use crate::assets::SUBMIT_ONCE;
use crate::done::Done;
use crate::failure::{Failure, Refusal, Service, Summary};
use crate::forms::{Form, NewPassword};
use crate::language::t;
use crate::page::Page;
use crate::visitor::{Visitor, set_cookies};

const FIELDS: [&str; 1] = ["newPassword"];

/// The token of the link, and the password that it sets.
#[derive(Default, Deserialize, Serialize)]
#[serde(default, rename_all = "camelCase")]
pub struct Reset {
    token: String,
    new_password: String,
}

/// `GET /reset?token=…`: the form. Looking at it uses nothing up.
pub async fn page(visitor: Visitor, link: Result<Query<Link>, QueryRejection>) -> Page {
    match Link::read(link) {
        Some(Link { token }) => form_page(&visitor, token, Refusal::default()),
        None => lost(&visitor, Refusal::default()),
    }
}

/// `POST /reset`: sets the password. Every session of the account is over, so the way on is signing in.
pub async fn submit(visitor: Visitor, Form(reset): Form<Reset>) -> Result<Response, Failure> {
    match visitor.call(Method::POST, Service::Auth, "/api/users/reset").json(&reset).send().await {
        Ok(headers) => Ok(visitor.lead_with(set_cookies(&headers), Done::PasswordReset, "/auth/signin")),
        Err(failure) => {
            let refusal = failure.refusal()?;
            let is_again = refusal.is_about(&FIELDS) || refusal.status == StatusCode::TOO_MANY_REQUESTS;
            Ok(match is_again {
                true => form_page(&visitor, reset.token, refusal),
                false => lost(&visitor, refusal),
            }
            .into_response())
        }
    }
}

fn lost(visitor: &Visitor, refusal: Refusal) -> Page {
    let language = visitor.language();
    let button = ("/auth/forgot", t!(language, "reset-lost-again"));
    lost_page(visitor, t!(language, "reset-lost-about"), Some(button), refusal)
}

fn form_page(visitor: &Visitor, token: String, refusal: Refusal) -> Page {
    let language = visitor.language();
    let outcome = refusal.outcome();
    let refusal = refusal.in_form(language, &FIELDS);
    let heading = t!(language, "reset-heading");
    let busy = t!(language, "reset-saving");
    let content = view! {
        <div class="narrow">
            <div class="head">
                <h1>{heading.clone()}</h1>
                <p class="lead">{t!(language, "reset-lead")}</p>
            </div>
            <form method="post" action="/reset" class="panel">
                <Summary messages=refusal.about_all_but(&FIELDS) />
                <input type="hidden" name="token" value=token />
                <NewPassword language focus=true refusal />
                <submit-once busy=busy><button class="big">{t!(language, "reset-save")}</button></submit-once>
            </form>
        </div>
    };
    visitor.page(heading, content).outcome(outcome).script(&SUBMIT_ONCE).secret()
}
