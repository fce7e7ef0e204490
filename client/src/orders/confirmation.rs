//! The page for a payment that the buyer's bank wants confirmed.

use axum::http::{Method, StatusCode};
use common::api::OrderBody;
use common::id::Id;
use common::money::Money;
use leptos::prelude::*;

use crate::assets::CONFIRM_PAYMENT;
use crate::failure::{Failure, Service};
use crate::page::Page;
use crate::visitor::Visitor;

/// The page for a payment that the buyer's bank wants confirmed by this secret. It has the status of the answer that says so.
pub async fn confirmation_page(buyer: &Visitor, id: Id, token: &str, secret: String) -> Result<Page, Failure> {
    let order: OrderBody = buyer.call(Method::GET, Service::Orders, &format!("/api/orders/{id}")).read().await?;
    let amount = order.ticket.price;
    let form = match buyer.stripe_key() {
        None => sandbox_form(id, amount, token, secret),
        Some(key) => stripe_form(id, key, token, secret),
    };
    let content = view! {
        <h1>"Your bank wants you to confirm this payment"</h1>
        <p>{order.ticket.title.clone()}</p>
        <p class="amount">{amount.to_string()}</p>
        {form}
        <p>
            <a href=format!("/orders/{id}")>"Back to the order"</a>
        </p>
    };
    let page = buyer.page("Confirm your payment", content).status(StatusCode::PAYMENT_REQUIRED);
    Ok(if buyer.stripe_key().is_some() { page.script(&CONFIRM_PAYMENT).with_stripe() } else { page })
}

fn sandbox_form(id: Id, amount: Money, token: &str, secret: String) -> AnyView {
    view! {
        <p class="notice">"Test mode: no money moves, and this page takes the place of the bank's"</p>
        <form method="post" action=format!("/orders/{id}/confirm")>
            <input type="hidden" name="token" value=token.to_owned() />
            <input type="hidden" name="client_secret" value=secret />
            <button name="confirm" value="yes">
                {format!("Confirm {amount}")}
            </button>
            <button name="confirm" value="no" class="plain">
                "Refuse"
            </button>
        </form>
    }
    .into_any()
}

/// Stripe's script shows the bank's page, and then the form posts the same payment again.
fn stripe_form(id: Id, key: &str, token: &str, secret: String) -> AnyView {
    view! {
        <form method="post" action=format!("/orders/{id}/pay")>
            <input type="hidden" name="token" value=token.to_owned() />
            <confirm-payment key=key.to_owned() secret=secret></confirm-payment>
        </form>
        <noscript>
            <p class="notice">
                "The bank's confirmation takes JavaScript. Please switch it on, or go back and use another card."
            </p>
        </noscript>
    }
    .into_any()
}
