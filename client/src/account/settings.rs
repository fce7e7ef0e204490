//! `GET /account/settings`: the password, the devices that are signed in, and the way to delete the account.

use axum::response::Response;
use leptos::prelude::*;

use super::{password, sessions, signed_in_as};
use crate::assets::{LOCAL_TIME, SUBMIT_ONCE};
use crate::failure::{Failure, Refusal};
use crate::icons::{Icon, Shape};
use crate::language::{Language, t};
use crate::page::{Page, redirect};
use crate::visitor::{SignedIn, Visitor};

/// Where the page is.
pub const PATH: &str = "/account/settings";

/// `GET /account/settings`: the page.
pub async fn page(SignedIn(visitor): SignedIn) -> Result<Page, Failure> {
    settings_page(&visitor, Refusal::default()).await
}

/// The addresses of the page's buttons lead to it: a visitor comes there after signing in.
pub async fn there() -> Response {
    redirect(PATH)
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
        {password::form(&account, refusal, language)}
        {sessions}
        {deletion(language)}
        <p><a href="/account"><Icon shape=Shape::BACK /> " " {t!(language, "settings-back")}</a></p>
    };
    Ok(visitor.page(heading, content).outcome(outcome).script(&SUBMIT_ONCE).script(&LOCAL_TIME))
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
