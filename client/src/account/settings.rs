//! `GET /account/settings`: the password, the devices that are signed in, and the way to delete the account.

use axum::http::Method;
use axum::response::Response;
use common::api::SessionBody;
use leptos::prelude::*;
use serde_json::json;

use super::{SETTINGS, sessions, signed_in_as};
use crate::assets::{LOCAL_TIME, SUBMIT_ONCE};
use crate::card::{Badge, Tone};
use crate::done::Done;
use crate::failure::{Failure, Refusal, Service, Summary};
use crate::forms::{CurrentPassword, NewPassword};
use crate::icons::{Icon, Shape};
use crate::language::{Language, t};
use crate::page::{Page, redirect};
use crate::visitor::{SignedIn, Visitor};

/// The inputs for a new password, in the form's order.
const PASSWORDS: [&str; 2] = ["password", "newPassword"];

/// `GET /account/settings`: the page.
pub async fn page(SignedIn(visitor): SignedIn) -> Result<Page, Failure> {
    settings_page(&visitor, Refusal::default()).await
}

/// The addresses of the page's buttons lead to it: a visitor comes there after signing in.
pub async fn there() -> Response {
    redirect(SETTINGS)
}

/// The page, with what is wrong with the new password.
pub async fn settings_page(visitor: &Visitor, refusal: Refusal) -> Result<Page, Failure> {
    let account = signed_in_as(visitor)?;
    let language = visitor.language();
    let outcome = refusal.outcome();
    let heading = t!(language, "settings-heading");
    let sessions = match sessions::all(visitor).await {
        Err(Failure::NotAuthorized) => return Err(Failure::NotAuthorized),
        sessions => sessions::view(sessions.ok(), language),
    };
    let content = view! {
        <div class="head">
            <h1>{heading.clone()}</h1>
            <p class="lead">{account.email.clone()}</p>
        </div>
        {address(&account, language)}
        {new_password(&account, refusal, language)}
        {sessions}
        {deletion(language)}
        <p>
            <Icon shape=Shape::BACK />
            " "
            <a href="/account">{t!(language, "settings-back")}</a>
        </p>
    };
    Ok(visitor.page(heading, content).outcome(outcome).script(&SUBMIT_ONCE).script(&LOCAL_TIME))
}

/// Whether the address is proven; if not, the proof once more. A session that began before the proof may not know of it yet; then the
/// service sends no mail.
fn address(account: &SessionBody, language: Language) -> AnyView {
    if account.verified {
        return view! {
            <p><Badge tone=Tone::Good text=t!(language, "settings-address-proven") /></p>
        }
        .into_any();
    }
    let busy = t!(language, "forgot-sending");
    view! {
        <section class="panel" id="address">
            <h2>{t!(language, "settings-address")}</h2>
            <p>{t!(language, "settings-address-about")}</p>
            <form method="post" action="/account/settings/address">
                <submit-once busy=busy>
                    <button class="quiet">{t!(language, "settings-address-send")}</button>
                </submit-once>
            </form>
        </section>
    }
    .into_any()
}

/// `POST /account/settings/address`: has the link sent that proves the address.
pub async fn prove_address(SignedIn(visitor): SignedIn) -> Result<Response, Failure> {
    let call = visitor.call(Method::POST, Service::Auth, "/api/users/verify/resend").json(&json!({}));
    call.send().await?;
    Ok(visitor.lead(Done::ProofSent, SETTINGS))
}

fn new_password(account: &SessionBody, refusal: Refusal, language: Language) -> AnyView {
    let refusal = refusal.in_form(language, &PASSWORDS);
    let label = t!(language, "settings-password-current");
    let busy = t!(language, "settings-password-changing");
    view! {
        <section class="panel" id="change-password">
            <h2>{t!(language, "settings-password")}</h2>
            <p>{t!(language, "settings-password-about")}</p>
            <form method="post" action="/account/settings/password">
                <Summary messages=refusal.about_all_but(&PASSWORDS) />
                <CurrentPassword account label refusal=refusal.clone() />
                <NewPassword language refusal />
                <submit-once busy=busy><button>{t!(language, "settings-password-change")}</button></submit-once>
            </form>
        </section>
    }
    .into_any()
}

fn deletion(language: Language) -> AnyView {
    view! {
        <section class="panel">
            <h2>{t!(language, "settings-delete")}</h2>
            <p>{t!(language, "settings-delete-about")}</p>
            <p><a class="button danger" href="/account/delete">{t!(language, "settings-delete-ask")}</a></p>
        </section>
    }
    .into_any()
}
