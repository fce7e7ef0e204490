use leptos::prelude::*;

use super::heading_view;
use super::receipt::Receipt;
use crate::card::{Notice, Tone};
use crate::icons::{Icon, Shape};
use crate::language::t;
use crate::orders::path;
use crate::orders::shown::Shown;
use crate::orders::standing::Standing;
use crate::visitor::Visitor;

/// The ticket itself or how it will come, what else can be done with it, and the receipt.
pub fn paid(buyer: &Visitor, shown: &Shown) -> AnyView {
    let language = buyer.language();
    let state = match shown.standing {
        Standing::Refunded(amount) => {
            let amount = language.money(amount);
            view! {
                <section class="panel no-print">
                    {heading_view(t!(language, "order-refunded-heading"))}
                    <Notice tone=Tone::Plain>
                        <p>{t!(language, "order-refunded", amount = amount)}</p>
                    </Notice>
                </section>
            }
            .into_any()
        }
        _ => ticket(buyer, shown),
    };
    view! { {state} <Receipt buyer shown /> }.into_any()
}

fn ticket(buyer: &Visitor, shown: &Shown) -> AnyView {
    let language = buyer.language();
    let id = shown.order.ticket.id;
    let file = match shown.has_file() {
        true => view! {
            <p>{t!(language, "order-file-there")}</p>
            <p>
                <a class="button big" href=format!("/api/tickets/{id}/file") download>
                    <Icon shape=Shape::DOWNLOAD />
                    {t!(language, "order-download")}
                </a>
            </p>
        }
        .into_any(),
        false => view! {
            <Notice tone=Tone::Plain>
                <p>{t!(language, "order-file-later")}</p>
            </Notice>
        }
        .into_any(),
    };
    let is_dated = shown.ticket.as_ref().is_some_and(|ticket| ticket.details.starts_at.is_some());
    let calendar = is_dated.then(|| {
        view! {
            <a class="button quiet" href=format!("{}/calendar.ics", path(shown.order.id))>
                <Icon shape=Shape::CALENDAR />
                {t!(language, "order-calendar")}
            </a>
        }
    });
    view! {
        <section class="panel no-print">
            {heading_view(t!(language, "order-paid-heading"))}
            {file}
            <p class="actions">
                {calendar}
                <print-page label=t!(language, "order-print")></print-page>
            </p>
            <p>
                {t!(language, "order-resell-question")} " "
                <a href=format!("/tickets/new?from={id}")>{t!(language, "order-resell")}</a>
            </p>
        </section>
    }
    .into_any()
}
