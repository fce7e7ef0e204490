//! `GET /account`: one's own page, and what one changes about one's account.

pub mod delete;
pub mod password;
pub mod sessions;
pub mod settings;

mod device;

use axum::http::Method;
use chrono::{DateTime, Datelike};
use common::api::{OrderBody, OrderStatus, SessionBody};
use common::timestamp::Timestamp;
use leptos::prelude::*;

use crate::failure::{Failure, Service};
use crate::icons::{Icon, Shape};
use crate::language::{Language, t};
use crate::page::{Page, Session};
use crate::selling::{self, Totals};
use crate::visitor::{SignedIn, Visitor};

/// Where one changes one's account.
const SETTINGS: &str = "/account/settings";

/// `GET /account`: who is signed in, what this account sells and buys, and the way out. It is whole without the other services.
pub async fn page(SignedIn(visitor): SignedIn) -> Result<Page, Failure> {
    let account = signed_in_as(&visitor)?;
    let language = visitor.language();
    let heading = t!(language, "account-heading");
    let (totals, orders) = tokio::join!(selling::all(&visitor), orders(&visitor));
    let content = view! {
        <div class="head">
            <h1>{heading.clone()}</h1>
        </div>
        <section class="panel">
            <h2>{account.email.clone()}</h2>
            <p class="faint">
                {t!(language, "account-since", month = month(language, account.id.made_at()))}
            </p>
            <div class="actions">
                <a class="button quiet" href=SETTINGS>
                    <Icon shape=Shape::LOCK />
                    {t!(language, "account-settings")}
                </a>
                <form method="post" action="/auth/signout">
                    <button class="quiet"><Icon shape=Shape::LEAVE /> {t!(language, "account-sign-out")}</button>
                </form>
            </div>
        </section>
        <div class="pair">
            {buying(orders.ok(), language)}
            {sold(totals.ok().as_deref().map(Totals::of), language)}
        </div>
    };
    Ok(visitor.page(heading, content))
}

/// Whose account it is, which only the auth service knows.
fn signed_in_as(visitor: &Visitor) -> Result<SessionBody, Failure> {
    match visitor.session() {
        Session::SignedIn(account) => Ok(account.clone()),
        Session::Nobody => Err(Failure::NotAuthorized),
        Session::Unknown => Err(Failure::Unavailable { service: Service::Auth, retry_after_seconds: 2 }),
    }
}

async fn orders(visitor: &Visitor) -> Result<Vec<OrderBody>, Failure> {
    visitor.call(Method::GET, Service::Orders, "/api/orders?limit=200").read().await
}

fn buying(orders: Option<Vec<OrderBody>>, language: Language) -> AnyView {
    let figures = orders.map(|orders| {
        let count = |wanted: fn(OrderStatus) -> bool| orders.iter().filter(|order| wanted(order.status)).count();
        let bought = count(|status| status == OrderStatus::Complete);
        let open = count(|status| matches!(status, OrderStatus::Created | OrderStatus::AwaitingPayment));
        let open = (open > 0).then(|| view! { <p><strong>{t!(language, "account-open", orders = open)}</strong></p> });
        view! { <p>{t!(language, "account-bought", tickets = bought)}</p> {open} }
    });
    view! {
        <section class="panel">
            <h2>{t!(language, "account-buying")}</h2>
            {figures}
            <p><a class="button quiet" href="/orders">{t!(language, "account-orders")}</a></p>
        </section>
    }
    .into_any()
}

fn sold(totals: Option<Totals>, language: Language) -> AnyView {
    let figures = totals.map(|Totals { sold, cents, on_sale }| {
        let earned = language.money(common::money::Money::from_cents(cents));
        view! {
            <p>{t!(language, "account-on-sale", tickets = on_sale)}</p>
            <p>{t!(language, "account-sold", tickets = sold, price = earned)}</p>
        }
    });
    view! {
        <section class="panel">
            <h2>{t!(language, "account-selling")}</h2>
            {figures}
            <p class="actions">
                <a class="button quiet" href="/selling">{t!(language, "account-listings")}</a>
                <a class="button quiet" href="/tickets/new">{t!(language, "account-sell")}</a>
            </p>
        </section>
    }
    .into_any()
}

/// `June 2027`
fn month(language: Language, time: Timestamp) -> String {
    let time = DateTime::from_timestamp_millis(time.millis()).unwrap_or_default();
    format!("{} {}", t!(language, "month-name", month = time.month()), time.year())
}
