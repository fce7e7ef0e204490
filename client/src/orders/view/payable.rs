use std::time::Duration;

use common::api::OrderBody;
use leptos::prelude::*;

use super::heading_view;
use crate::language::t;
use crate::orders::cards::{sandbox_fields, stripe_fields};
use crate::orders::countdown::Countdown;
use crate::orders::path;
use crate::visitor::Visitor;

/// The time that is left, and the forms to pay and to cancel. `reasons` say why the card `token` was refused before.
pub fn payable(buyer: &Visitor, order: &OrderBody, left: Duration, token: &str, reasons: &[String]) -> AnyView {
    let language = buyer.language();
    let amount = order.ticket.price;
    let fields = match buyer.stripe_key() {
        None => sandbox_fields(language, token, reasons),
        Some(key) => stripe_fields(language, key, amount, reasons),
    };
    view! {
        <section class="panel">
            {heading_view(t!(language, "order-payable-heading"))}
            <Countdown language order left />
            <form method="post" action=format!("{}/pay", path(order.id))>
                {fields}
                <submit-once busy=t!(language, "order-paying")>
                    <button class="big">{t!(language, "order-pay", amount = language.money(amount))}</button>
                </submit-once>
            </form>
            <form method="post" action=format!("{}/cancel", path(order.id)) class="cancel">
                <button class="plain">{t!(language, "order-cancel")}</button>
                " "
                <small class="faint">{t!(language, "order-cancel-hint")}</small>
            </form>
        </section>
    }
    .into_any()
}
