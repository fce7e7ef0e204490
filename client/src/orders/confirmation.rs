//! The page for a payment that the buyer's bank wants confirmed.

use common::api::OrderBody;
use common::timestamp::Timestamp;
use leptos::prelude::*;

use super::countdown::Countdown;
use super::note::Unconfirmed;
use super::standing::Standing;
use super::{path, test_mode};
use crate::assets::{CONFIRM_PAYMENT, LOCAL_TIME, ORDER_LIVE, SUBMIT_ONCE, TIME_LEFT};
use crate::language::{Language, t};
use crate::page::Page;
use crate::visitor::Visitor;

/// The page for a payment that the buyer's bank wants confirmed, while the order can be paid.
pub fn confirmation_page(buyer: &Visitor, order: &OrderBody, standing: Standing, unconfirmed: Unconfirmed) -> Page {
    let language = buyer.language();
    let left = order.expires_at.remaining(Timestamp::now());
    let form = match buyer.stripe_key() {
        None => sandbox_form(language, order, unconfirmed),
        Some(key) => stripe_form(language, order, key, unconfirmed),
    };
    let content = view! {
        <div class="head">
            <h1>{t!(language, "order-confirm-heading")}</h1>
            <p class="lead">{order.ticket.title.clone()}</p>
        </div>
        <order-live events=format!("/api/orders/{}/live", order.id) version=order.version state="unconfirmed" again=standing.again().map(|again| again.as_secs().to_string())>
            <section class="panel">
                <p class="amount">{language.money(order.ticket.price)}</p>
                <Countdown language order left />
                {form}
            </section>
        </order-live>
        <p>
            <a href=path(order.id)>{t!(language, "order-back")}</a>
        </p>
    };
    let page = buyer.page(t!(language, "order-confirm-title"), content);
    let page = page.script(&ORDER_LIVE).script(&TIME_LEFT).script(&LOCAL_TIME).script(&SUBMIT_ONCE);
    let page = page.refresh(standing.lasts(), &path(order.id));
    if buyer.stripe_key().is_some() { page.script(&CONFIRM_PAYMENT).with_stripe() } else { page }
}

fn sandbox_form(language: Language, order: &OrderBody, unconfirmed: Unconfirmed) -> AnyView {
    let amount = language.money(order.ticket.price);
    view! {
        {test_mode(t!(language, "order-test-bank"))}
        <form method="post" action=format!("{}/confirm", path(order.id)) class="actions">
            <input type="hidden" name="token" value=unconfirmed.token />
            <input type="hidden" name="client_secret" value=unconfirmed.client_secret />
            <submit-once busy=t!(language, "order-confirming")>
                <button name="confirm" value="yes">
                    {t!(language, "order-confirm", amount = amount)}
                </button>
            </submit-once>
            <button name="confirm" value="no" class="quiet">
                {t!(language, "order-refuse")}
            </button>
        </form>
    }
    .into_any()
}

/// Stripe's script shows the bank's page, and then the form posts the same payment again.
fn stripe_form(language: Language, order: &OrderBody, key: &str, unconfirmed: Unconfirmed) -> AnyView {
    view! {
        <form method="post" action=format!("{}/pay", path(order.id))>
            <input type="hidden" name="token" value=unconfirmed.token />
            <confirm-payment
                key=key.to_owned()
                secret=unconfirmed.client_secret
                waiting=t!(language, "order-bank-waiting")
                unreachable=t!(language, "order-stripe-unreachable")
            ></confirm-payment>
        </form>
        <noscript>
            <p class="notice">{t!(language, "order-bank-needs-script")}</p>
        </noscript>
    }
    .into_any()
}
