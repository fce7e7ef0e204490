use leptos::prelude::*;

use super::heading_view;
use crate::card::{Notice, Tone};
use crate::language::{Language, t};
use crate::orders::shown::Shown;
use crate::orders::standing::Cancelled;

/// How the order ended, and whether the same ticket can be ordered again.
pub fn ended(language: Language, shown: &Shown, how: Cancelled) -> AnyView {
    let (heading, text) = match how {
        Cancelled::ByBuyer => (t!(language, "order-cancelled-heading"), t!(language, "order-cancelled")),
        Cancelled::ByTime => (t!(language, "order-expired-heading"), t!(language, "order-expired")),
        Cancelled::ByPayment => (t!(language, "order-failed-heading"), t!(language, "order-failed")),
        Cancelled::Somehow => (t!(language, "order-over-heading"), t!(language, "order-over")),
    };
    let tone = if how == Cancelled::ByPayment { Tone::Warn } else { Tone::Plain };
    let refunded =
        shown.order.refunded.map(|amount| t!(language, "order-over-refunded", amount = language.money(amount)));
    let is_free = shown.ticket.as_ref().is_some_and(|ticket| ticket.order_id.is_none());
    let again = is_free.then(|| {
        view! {
            <p class="actions">
                <a class="button" href=format!("/tickets/{}", shown.order.ticket.id)>
                    {t!(language, "order-again")}
                </a>
            </p>
        }
    });
    view! {
        <section class="panel">
            {heading_view(heading)}
            <Notice tone>
                <p>{text}</p>
                {refunded.map(|text| view! { <p>{text}</p> })}
            </Notice>
            {again}
        </section>
    }
    .into_any()
}
