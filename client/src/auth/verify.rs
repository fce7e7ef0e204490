//! `GET /verify` and `POST /verify`: where the link of a mail leads that proves whose address it is.

use axum::extract::Query;
use axum::extract::rejection::QueryRejection;
use axum::http::Method;
use axum::response::{IntoResponse, Response};
use leptos::prelude::*;

use super::link::{Link, lost_page};
use crate::assets::SUBMIT_ONCE;
use crate::done::Done;
use crate::failure::{Failure, Refusal, Service};
use crate::forms::Form;
use crate::language::t;
use crate::page::{Page, Session};
use crate::visitor::{Visitor, set_cookies};

/// `GET /verify?token=…`: a button. Programs that look for harmful links in mails follow each of them, and would use it up.
pub async fn page(visitor: Visitor, link: Result<Query<Link>, QueryRejection>) -> Page {
    let language = visitor.language();
    let Some(Link { token }) = Link::read(link) else { return lost(&visitor, Refusal::default()) };
    let heading = t!(language, "verify-heading");
    let busy = t!(language, "verify-verifying");
    let content = view! {
        <div class="narrow">
            <h1>{heading.clone()}</h1>
            <p>{t!(language, "verify-about")}</p>
            <form method="post" action="/verify">
                <input type="hidden" name="token" value=token />
                <submit-once busy=busy><button class="big">{t!(language, "verify-button")}</button></submit-once>
            </form>
        </div>
    };
    visitor.page(heading, content).script(&SUBMIT_ONCE).secret()
}

/// `POST /verify`: proves the address.
pub async fn submit(visitor: Visitor, Form(link): Form<Link>) -> Result<Response, Failure> {
    match visitor.call(Method::POST, Service::Auth, "/api/users/verify").json(&link).send().await {
        Ok(headers) => {
            let path = if matches!(visitor.session(), Session::SignedIn(_)) { "/account" } else { "/" };
            Ok(visitor.lead_with(set_cookies(&headers), Done::AddressProven, path))
        }
        Err(failure) => Ok(lost(&visitor, failure.refusal()?).into_response()),
    }
}

fn lost(visitor: &Visitor, refusal: Refusal) -> Page {
    lost_page(visitor, t!(visitor.language(), "verify-lost-about"), None, refusal)
}
