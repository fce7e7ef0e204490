//! When nothing is found: what to loosen, and what is on instead.

use axum::http::Method;
use common::api::EventBody;
use futures::future::join_all;
use leptos::prelude::*;

use super::active::words;
use super::filters::{EVENTS, Filter, Filters};
use crate::card::EventCard;
use crate::failure::Service;
use crate::icons::{Icon, Shape};
use crate::language::{Language, t};
use crate::state::Client;

/// How many events are shown instead.
const MOST_SHOWN: usize = 6;

/// What there would be otherwise.
#[derive(Default)]
pub struct Otherwise {
    /// Filters without which there is something.
    loosen: Vec<Filter>,
    /// The next events at all.
    events: Vec<EventBody>,
}

impl Otherwise {
    /// Looks for it without each of the filters, and without all, at the same time.
    pub async fn look(client: &Client, filters: &Filters) -> Self {
        let active = filters.active();
        let without = active.iter().map(|filter| look(client, filters.without(*filter), 1));
        let (found, events) = tokio::join!(join_all(without), look(client, Filters::default(), MOST_SHOWN));
        let loosen = active.iter().zip(found).filter(|(_, found)| !found.is_empty()).map(|(filter, _)| *filter);
        Self { loosen: loosen.collect(), events }
    }

    /// The page's content in place of events.
    pub fn view(self, filters: &Filters, language: Language) -> AnyView {
        if filters.active().is_empty() && self.events.is_empty() {
            return nothing_at_all(language);
        }
        let loosen = self.loosen.iter().map(|filter| {
            let words = words(filters, *filter, language);
            let path = filters.without(*filter).path();
            view! { <li><a class="chip" href=path>{t!(language, "find-without", filter = words)}</a></li> }
        });
        // Of one filter alone there is nothing left to look for.
        let loosen = (!self.loosen.is_empty() && filters.active().len() > 1).then(|| {
            let loosen = loosen.collect_view();
            view! { <p>{t!(language, "find-loosen")}</p> <ul class="chips">{loosen}</ul> }
        });
        let instead = (!self.events.is_empty()).then(|| {
            let events = self.events.into_iter().map(|event| view! { <EventCard language event /> }).collect_view();
            view! { <h2>{t!(language, "find-instead")}</h2> <ul class="cards">{events}</ul> }
        });
        let heading = match filters.active()[..] {
            [only] => t!(language, "find-none-of-one", filter = words(filters, only, language)),
            _ => t!(language, "find-none"),
        };
        view! {
            <div class="empty">
                <Icon shape=Shape::SEARCH />
                <h2>{heading}</h2>
                {loosen}
                <p><a href="/">{t!(language, "find-all-events")}</a></p>
            </div>
            {instead}
        }
        .into_any()
    }
}

async fn look(client: &Client, filters: Filters, limit: usize) -> Vec<EventBody> {
    client
        .public(Method::GET, Service::Tickets, &filters.call(EVENTS, Some(limit), None))
        .read()
        .await
        .unwrap_or_default()
}

fn nothing_at_all(language: Language) -> AnyView {
    view! {
        <div class="empty">
            <Icon shape=Shape::TICKET />
            <h2>{t!(language, "find-nothing")}</h2>
            <p>{t!(language, "find-nothing-about")}</p>
            <p><a class="button" href="/tickets/new">{t!(language, "frame-sell")}</a></p>
        </div>
    }
    .into_any()
}
