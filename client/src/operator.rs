//! `GET /operator`: what only an operator (`ADMIN_IDS`) sees. For everybody else there are no such pages.

mod found;

pub mod dismiss;
pub mod refund;
pub mod reports;
pub mod takedown;

use axum::extract::rejection::QueryRejection;
use axum::extract::{FromRequestParts, Query};
use axum::http::request::Parts;
use common::id::Id;
use leptos::prelude::*;
use serde::Deserialize;

use crate::assets::LOCAL_TIME;
use crate::failure::{Failure, Refusal};
use crate::forms::Field;
use crate::icons::{Icon, Shape};
use crate::language::{Language, t};
use crate::list::After;
use crate::page::{Page, Session};
use crate::state::Client;
use crate::visitor::Visitor;

/// A visitor who is an operator. To everybody else the answer is 404; the services check for themselves.
pub struct Operator(pub Visitor);

impl FromRequestParts<Client> for Operator {
    type Rejection = Failure;

    async fn from_request_parts(parts: &mut Parts, client: &Client) -> Result<Self, Failure> {
        let Ok(visitor) = Visitor::from_request_parts(parts, client).await;
        match visitor.session() {
            Session::SignedIn(account) if client.is_operator(account) => Ok(Self(visitor)),
            _ => Err(Failure::NotFound),
        }
    }
}

/// `?id=` of an order or of a listing, `?after=` of the last report of the page before.
#[derive(Default, Deserialize)]
pub struct Wanted {
    id: Option<String>,
    after: Option<Id>,
}

/// `GET /operator`: looks an order or a listing up by its id, and shows what visitors reported.
pub async fn page(
    Operator(operator): Operator,
    wanted: Result<Query<Wanted>, QueryRejection>,
) -> Result<Page, Failure> {
    let language = operator.language();
    let Query(Wanted { id, after }) = wanted.unwrap_or_default();
    let wanted = id.unwrap_or_default().trim().to_owned();
    let found = if wanted.is_empty() { ().into_any() } else { found::found(&operator, &wanted).await? };
    let reports = reports::section(&operator, After { after }).await?;
    let heading = t!(language, "operator-heading");
    let content = view! {
        <div class="head">
            <h1>{heading.clone()}</h1>
        </div>
        {lookup(wanted, language)}
        {found}
        {reports}
    };
    Ok(operator.page(heading, content).script(&LOCAL_TIME))
}

fn lookup(wanted: String, language: Language) -> AnyView {
    view! {
        <form method="get" action="/operator" class="panel" role="search">
            <Field
                name="id"
                label=t!(language, "operator-id")
                value=wanted
                hint=Some(t!(language, "operator-id-hint"))
                refusal=Refusal::default()
            />
            <button><Icon shape=Shape::SEARCH /> {t!(language, "operator-look-up")}</button>
        </form>
    }
    .into_any()
}
