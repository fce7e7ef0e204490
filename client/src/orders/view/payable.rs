use std::time::Duration;

use common::api::{OrderBody, ProviderBody};
use leptos::prelude::*;

use super::heading_view;
use crate::language::{Language, t};
use crate::orders::cards::{sandbox_fields, stripe_fields};
use crate::orders::countdown::Countdown;
use crate::orders::note::path;
use crate::orders::provider::unavailable;
use crate::orders::show::Shown;
use crate::visitor::Visitor;

/// The time that is left, and the forms to pay and to cancel. `reasons` say why the card `token` was refused before.
pub fn payable(buyer: &Visitor, shown: &Shown, left: Duration, token: &str, reasons: &[String]) -> AnyView {
    let (language, order) = (buyer.language(), &shown.order);
    let amount = order.ticket.price;
    let pay = match &shown.provider {
        Some(ProviderBody::Sandbox) => pay_form(language, order, sandbox_fields(language, token, reasons)),
        Some(ProviderBody::Stripe { publishable_key }) => {
            pay_form(language, order, stripe_fields(language, publishable_key, amount, reasons))
        }
        None => unavailable(language),
    };
    view! {
        <section class="panel">
            {heading_view(t!(language, "order-payable-heading"))}
            <Countdown language order left />
            {pay}
            <form method="post" action=format!("{}/cancel", path(order.id)) class="cancel">
                <button class="plain">{t!(language, "order-cancel")}</button>
                " "
                <small class="faint">{t!(language, "order-cancel-hint")}</small>
            </form>
        </section>
    }
    .into_any()
}

/// The form that pays with what its fields name.
fn pay_form(language: Language, order: &OrderBody, fields: AnyView) -> AnyView {
    view! {
        <form method="post" action=format!("{}/pay", path(order.id))>
            {fields}
            <submit-once busy=t!(language, "order-paying")>
                <button class="big">{t!(language, "order-pay", amount = language.money(order.ticket.price))}</button>
            </submit-once>
        </form>
    }
    .into_any()
}
