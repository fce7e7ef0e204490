//! Events that are there already, so that listings of one event come together.

use axum::http::Method;
use common::api::{EventBody, TicketBody};
use common::id::Id;
use leptos::prelude::*;
use serde::Deserialize;

use super::offer::place;
use crate::card::{Notice, Tone};
use crate::failure::{Failure, Service};
use crate::forms::more;
use crate::icons::{Icon, Shape};
use crate::language::{Language, t};
use crate::next::encoded;
use crate::visitor::Visitor;

/// How many events are proposed.
const MOST_PROPOSED: usize = 8;

/// `?q=` looks for an event, `?event=` begins with one, `?from=` with a listing of the seller's own.
#[derive(Default, Deserialize)]
pub struct Beginning {
    q: Option<String>,
    event: Option<Id>,
    pub from: Option<Id>,
}

/// What was looked for and found.
#[derive(Default)]
pub struct Proposals {
    query: String,
    found: Option<Vec<EventBody>>,
    /// The event that was chosen.
    pub chosen: Option<Id>,
    /// The old listing that the form begins with had a file, which it does not take over.
    pub had_file: bool,
}

impl Proposals {
    /// The events that match what was looked for. Without the search the form still works.
    pub async fn look(visitor: &Visitor, beginning: &Beginning) -> Self {
        let query = beginning.q.clone().unwrap_or_default();
        let chosen = beginning.event;
        if query.trim().is_empty() {
            return Self { query, chosen, ..Self::default() };
        }
        let path = format!("/api/tickets/events?limit={MOST_PROPOSED}&q={}", encoded(&query));
        let found = visitor.call(Method::GET, Service::Tickets, &path).read().await;
        Self { query, found: found.ok(), chosen, had_file: false }
    }

    /// The search without a script; a script proposes while one types the title.
    pub fn view(&self, language: Language) -> AnyView {
        let found = self.found.as_ref().map(|events| {
            let none = events.is_empty().then(|| view! { <p>{t!(language, "sell-event-none")}</p> });
            let events = events.iter().map(|event| entry(event, language)).collect_view();
            view! { {none} <ul class="list">{events}</ul> }
        });
        let is_open = self.found.is_some();
        let search = view! {
            <form method="get" action="/tickets/new" class="search" role="search">
                <input name="q" type="search" value=self.query.clone() aria-label=t!(language, "sell-event-query") />
                <button aria-label=t!(language, "sell-event-search")><Icon shape=Shape::SEARCH /></button>
            </form>
            {found}
        };
        let group = more(t!(language, "sell-event"), t!(language, "sell-event-about"), is_open, search);
        let file = self.had_file.then(|| {
            view! { <Notice tone=Tone::Warn><p>{t!(language, "sell-file-not-copied")}</p></Notice> }
        });
        view! { {file} <div id="find-event">{group}</div> }.into_any()
    }
}

fn entry(event: &EventBody, language: Language) -> impl IntoView + use<> {
    let when = event.starts_at.map(|time| language.date_and_clock(time));
    let details =
        common::listing::Details { venue: event.venue.clone(), city: event.city.clone(), ..Default::default() };
    let about: Vec<String> = when.into_iter().chain(place(&details)).collect();
    view! {
        <li>
            <a href=format!("/tickets/new?event={}", event.key)>{event.title.clone()}</a>
            <span class="state">{about.join(", ")}</span>
        </li>
    }
}

/// The event with this key, as one of its listings says it.
pub async fn event(visitor: &Visitor, key: Id) -> Result<Option<EventBody>, Failure> {
    let path = format!("/api/tickets?limit=1&event={key}");
    let tickets: Vec<TicketBody> = visitor.call(Method::GET, Service::Tickets, &path).read().await?;
    Ok(tickets.into_iter().next().map(|ticket| {
        let TicketBody { title, price, details, .. } = ticket;
        EventBody {
            key,
            title,
            venue: details.venue,
            city: details.city,
            starts_at: details.starts_at,
            tickets: 1,
            from: price,
        }
    }))
}
