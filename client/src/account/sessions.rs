//! `POST /account/settings/sessions` and `POST /account/settings/sessions/{id}`

use axum::http::Method;
use axum::response::Response;
use common::api::OwnSessionBody;
use common::extract::PathId;
use common::id::Id;
use futures::future::join_all;
use leptos::prelude::*;

use super::SETTINGS;
use super::device::device;
use crate::card::{Badge, Moment, Tone};
use crate::done::Done;
use crate::failure::{Failure, Service};
use crate::language::{Language, t};
use crate::visitor::{SignedIn, Visitor};

/// `POST /account/settings/sessions/{id}`: signs one device out.
pub async fn end(SignedIn(visitor): SignedIn, PathId(id): PathId) -> Result<Response, Failure> {
    end_one(&visitor, id).await?;
    Ok(visitor.lead(Done::DeviceSignedOut, SETTINGS))
}

/// `POST /account/settings/sessions`: signs every other device out.
pub async fn end_others(SignedIn(visitor): SignedIn) -> Result<Response, Failure> {
    let others = all(&visitor).await?.into_iter().filter(|session| !session.current);
    let ended = join_all(others.map(|session| end_one(&visitor, session.id))).await;
    ended.into_iter().collect::<Result<(), Failure>>()?;
    Ok(visitor.lead(Done::OthersSignedOut, SETTINGS))
}

async fn end_one(visitor: &Visitor, id: Id) -> Result<(), Failure> {
    match visitor.call(Method::DELETE, Service::Auth, &format!("/api/users/sessions/{id}")).send().await {
        // One that is over already is what the visitor wants.
        Ok(_) | Err(Failure::NotFound) => Ok(()),
        Err(failure) => Err(failure),
    }
}

/// The visitor's sessions: this one first, then those that were seen last.
pub async fn all(visitor: &Visitor) -> Result<Vec<OwnSessionBody>, Failure> {
    let mut sessions: Vec<OwnSessionBody> =
        visitor.call(Method::GET, Service::Auth, "/api/users/sessions").read().await?;
    sessions.sort_by_key(|session| (!session.current, -session.last_seen.millis()));
    Ok(sessions)
}

/// The devices that are signed in, each with its button.
pub fn view(sessions: Option<Vec<OwnSessionBody>>, language: Language) -> AnyView {
    let list = match sessions {
        None => view! { <p>{t!(language, "settings-devices-unknown")}</p> }.into_any(),
        Some(sessions) => {
            let others = sessions.iter().filter(|session| !session.current).count();
            let entries = sessions.into_iter().map(|session| entry(session, language)).collect_view();
            let all = (others > 1).then(|| {
                view! {
                    <form method="post" action="/account/settings/sessions">
                        <button class="quiet">{t!(language, "settings-devices-end-others")}</button>
                    </form>
                }
            });
            view! { <ul class="list devices">{entries}</ul> {all} }.into_any()
        }
    };
    view! {
        <section class="panel" id="devices">
            <h2>{t!(language, "settings-devices")}</h2>
            <p>{t!(language, "settings-devices-about")}</p>
            {list}
        </section>
    }
    .into_any()
}

fn entry(session: OwnSessionBody, language: Language) -> AnyView {
    let name = device(&session.browser, language);
    let button = match session.current {
        true => view! { <Badge tone=Tone::Good text=t!(language, "settings-devices-this") /> }.into_any(),
        false => {
            let label = t!(language, "settings-devices-end-this", device = name.clone());
            view! {
                <form method="post" action=format!("/account/settings/sessions/{}", session.id)>
                    <button class="quiet" aria-label=label>{t!(language, "account-sign-out")}</button>
                </form>
            }
            .into_any()
        }
    };
    view! {
        <li>
            <div class="entry">
                <span class="title">{name}</span>
                <p class="state">
                    {t!(language, "settings-devices-since")} " " <Moment language time=session.since />
                </p>
                <p class="state">
                    {t!(language, "settings-devices-seen")} " " <Moment language time=session.last_seen />
                </p>
            </div>
            {button}
        </li>
    }
    .into_any()
}
