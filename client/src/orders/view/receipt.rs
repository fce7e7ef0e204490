use leptos::prelude::*;

use crate::card::Moment;
use crate::language::{Language, t};
use crate::orders::shown::Shown;
use crate::orders::standing::Standing;
use crate::page::Session;
use crate::tickets::offer::place;
use crate::visitor::Visitor;

/// The receipt: the one part of the page that is printed, on one sheet.
#[component]
pub fn Receipt<'a>(buyer: &'a Visitor, shown: &'a Shown) -> impl IntoView {
    let language = buyer.language();
    let note = match buyer.stripe_key() {
        None => t!(language, "order-receipt-test"),
        Some(_) => t!(language, "order-receipt-currency"),
    };
    let who = who(buyer, shown);
    let rows = what(language, shown).into_iter().chain(amounts(language, shown));
    view! {
        <section class="panel receipt">
            <p class="print-only brand">"Ticketing"</p>
            <h2>{t!(language, "order-receipt")}</h2>
            <dl class="facts">{who.into_iter().chain(rows).map(row).collect_view()}</dl>
            <p class="small faint">{note}</p>
        </section>
    }
}

/// A name and what it is, with the last one standing out.
type Row = (String, AnyView);

fn row((name, value): Row) -> AnyView {
    view! { <div><dt>{name}</dt> <dd>{value}</dd></div> }.into_any()
}

fn text(name: String, value: Option<String>) -> Option<Row> {
    value.map(|value| (name, value.into_any()))
}

/// Number, date, buyer and seller, as far as they are known.
fn who(buyer: &Visitor, shown: &Shown) -> Vec<Row> {
    let language = buyer.language();
    let ordered = view! { <Moment language time=shown.order.id.made_at() /> };
    let email = match buyer.session() {
        Session::SignedIn(account) => Some(account.email.clone()),
        Session::Nobody | Session::Unknown => None,
    };
    let seller =
        shown.ticket.as_ref().map(|ticket| t!(language, "order-seller-number", number = ticket.user_id.to_string()));
    [
        text(t!(language, "order-receipt-number"), Some(shown.order.id.to_string())),
        Some((t!(language, "order-receipt-date"), ordered.into_any())),
        text(t!(language, "order-receipt-buyer"), email),
        text(t!(language, "order-receipt-seller"), seller),
    ]
    .into_iter()
    .flatten()
    .collect()
}

/// The event, its time and place, and the seats.
fn what(language: Language, shown: &Shown) -> Vec<Row> {
    let title = text(t!(language, "order-receipt-event"), Some(shown.order.ticket.title.clone()));
    let Some(ticket) = &shown.ticket else { return title.into_iter().collect() };
    let details = &ticket.details;
    let when = details.starts_at.map(|time| language.date_and_clock(time));
    let seats = [
        Some(t!(language, "order-seats", seats = details.seats())),
        details.section.as_ref().map(|section| t!(language, "order-section", section = section.clone())),
        details.row.as_ref().map(|row| t!(language, "order-row", row = row.clone())),
        details.seat.as_ref().map(|seat| t!(language, "order-seat", seat = seat.clone())),
    ];
    let seats = seats.into_iter().flatten().collect::<Vec<_>>().join(", ");
    [
        title,
        text(t!(language, "order-receipt-when"), when),
        text(t!(language, "order-receipt-where"), place(details)),
        text(t!(language, "order-receipt-seats"), Some(seats)),
        text(t!(language, "order-receipt-restrictions"), details.restrictions.clone()),
    ]
    .into_iter()
    .flatten()
    .collect()
}

/// What was paid, beside what the tickets cost first.
fn amounts(language: Language, shown: &Shown) -> Vec<Row> {
    let face_value = shown.ticket.as_ref().and_then(|ticket| ticket.details.face_value);
    let face_value = face_value.map(|value| t!(language, "order-each", price = language.money(value)));
    let price = language.money(shown.order.ticket.price);
    let total = view! { <b>{t!(language, "order-usd", amount = price)}</b> }.into_any();
    let refunded = match shown.standing {
        Standing::Refunded(amount) => Some(t!(language, "order-usd", amount = language.money(amount))),
        _ => None,
    };
    [
        text(t!(language, "order-receipt-face-value"), face_value),
        text(t!(language, "order-receipt-fees"), Some(t!(language, "order-no-fees"))),
        Some((t!(language, "order-receipt-total"), total)),
        text(t!(language, "order-receipt-refunded"), refunded),
    ]
    .into_iter()
    .flatten()
    .collect()
}
