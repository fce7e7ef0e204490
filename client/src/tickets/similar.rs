//! Tickets for somebody who came too late for one.

use std::collections::HashSet;

use axum::http::Method;
use common::api::TicketBody;
use common::id::Id;
use common::timestamp::Timestamp;
use leptos::prelude::*;

use super::offer::place;
use crate::card::DateBlock;
use crate::failure::Service;
use crate::language::{Language, t};
use crate::next::encoded;
use crate::visitor::Visitor;

/// How many are shown.
const MOST_SHOWN: usize = 4;

/// What is known of the ticket that was missed.
#[derive(Clone, Default)]
pub struct Missed {
    pub id: Option<Id>,
    pub event: Option<Id>,
    pub title: String,
    pub city: String,
}

impl Missed {
    /// A ticket that is still there, but taken.
    pub fn of(ticket: &TicketBody) -> Self {
        let city = ticket.details.city.clone().unwrap_or_default();
        Self { id: Some(ticket.id), event: ticket.event, title: ticket.title.clone(), city }
    }
}

/// Other tickets: of the same event, then of events with such a title, then in the same city, else the next ones at all. None while
/// the service is unavailable, because nobody came for them alone.
pub async fn similar(visitor: &Visitor, missed: &Missed) -> Vec<TicketBody> {
    let title = missed.title.trim();
    let first_words = title.split_whitespace().take(2).collect::<Vec<_>>().join(" ");
    let (event, words, city, any) = tokio::join!(
        search(visitor, missed.event.map(|event| format!("event={event}"))),
        search(visitor, (!first_words.is_empty()).then(|| format!("q={}&sort=startsAt", encoded(&first_words)))),
        search(
            visitor,
            (!missed.city.trim().is_empty()).then(|| format!("city={}&sort=startsAt", encoded(&missed.city)))
        ),
        search(visitor, Some("sort=startsAt".to_owned())),
    );
    let mut seen: HashSet<Id> = missed.id.into_iter().collect();
    let all = event.into_iter().chain(words).chain(city).chain(any);
    all.filter(|ticket| seen.insert(ticket.id)).take(MOST_SHOWN).collect()
}

async fn search(visitor: &Visitor, query: Option<String>) -> Vec<TicketBody> {
    let Some(query) = query else { return Vec::new() };
    let path = format!("/api/tickets?limit={}&{query}", MOST_SHOWN + 1);
    visitor.call(Method::GET, Service::Tickets, &path).read().await.unwrap_or_default()
}

/// The list under its heading; nothing when there is none.
pub fn similar_view(tickets: Vec<TicketBody>, language: Language) -> AnyView {
    if tickets.is_empty() {
        return view! { <p><a class="button quiet" href="/">{t!(language, "ticket-all")}</a></p> }.into_any();
    }
    let tickets = tickets.into_iter().map(|ticket| entry(ticket, language)).collect_view();
    view! {
        <section class="similar">
            <h2>{t!(language, "ticket-similar")}</h2>
            <ul class="list">{tickets}</ul>
            <p><a href="/">{t!(language, "ticket-all")}</a></p>
        </section>
    }
    .into_any()
}

fn entry(ticket: TicketBody, language: Language) -> impl IntoView {
    let TicketBody { id, title, price, details, .. } = ticket;
    let away = details.starts_at.map(|time| language.away(time, Timestamp::now()));
    let about: Vec<String> = place(&details).into_iter().chain(away).collect();
    let seats = details.seats();
    view! {
        <li>
            <DateBlock language time=details.starts_at />
            <div class="entry">
                <a href=format!("/tickets/{id}")>{title}</a>
                <span class="state">{about.join(" · ")}</span>
            </div>
            <span class="price">
                {language.money(price)}
                {(seats > 1).then(|| view! { <small class="faint">" " {t!(language, "ticket-for", seats = seats)}</small> })}
            </span>
        </li>
    }
}
