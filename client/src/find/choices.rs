//! What narrows the events down: cities and days by a press, everything else in a form.

use chrono::Utc;
use common::api::FacetsBody;
use leptos::prelude::*;

use super::dates::{Span, spans};
use super::filters::{Filter, Filters};
use crate::failure::Refusal;
use crate::forms::{Field, more};
use crate::icons::{Icon, Shape};
use crate::language::{Language, t};

/// How many cities are named. Others are found by their name.
const MOST_CITIES: usize = 12;

/// The cities that the events are in, with how many are on there.
pub fn cities(filters: &Filters, facets: &FacetsBody, language: Language) -> Option<impl IntoView + use<>> {
    let is_choice = facets.cities.len() > usize::from(filters.city.is_empty());
    if !is_choice {
        return None;
    }
    let is_chosen = |city: &str| city.to_lowercase() == filters.city.to_lowercase();
    let all = chip(filters.without(Filter::City), filters.city.is_empty(), t!(language, "find-all-cities"), None);
    let cities = facets.cities.iter().take(MOST_CITIES).map(|facet| {
        chip(filters.in_city(&facet.city), is_chosen(&facet.city), facet.city.clone(), Some(facet.events))
    });
    let cities = cities.collect_view();
    Some(view! { <ul class="chips scroll" aria-label=t!(language, "find-cities")>{all} {cities}</ul> })
}

/// Days that many look for.
pub fn days(filters: &Filters, language: Language) -> impl IntoView + use<> {
    let spans = spans(language, Utc::now().date_naive());
    let all = chip(
        filters.without(Filter::Dates),
        filters.from.is_empty() && filters.to.is_empty(),
        t!(language, "find-all-days"),
        None,
    );
    let spans = spans.into_iter().map(|Span { name, from, to }| {
        let chosen = filters.on_days(from, to);
        let is_chosen = chosen == *filters;
        chip(chosen, is_chosen, name, None)
    });
    let spans = spans.collect_view();
    view! { <ul class="chips scroll" aria-label=t!(language, "find-days")>{all} {spans}</ul> }
}

fn chip(filters: Filters, is_chosen: bool, text: String, events: Option<u64>) -> impl IntoView {
    let events = events.map(|events| view! { " " <small>{events}</small> });
    view! {
        <li>
            <a class="chip" href=filters.path() aria-current=is_chosen.then_some("true")>{text} {events}</a>
        </li>
    }
}

/// The search and the rest of what can be said, as one form.
pub fn form(filters: &Filters, refusal: Refusal, language: Language) -> AnyView {
    let is_open = !refusal.errors.is_empty() || !filters.min.is_empty() || !filters.max.is_empty();
    let field = |name, label: String, value: &str, kind, inputmode| {
        let (value, refusal) = (value.to_owned(), refusal.clone());
        view! { <Field name label value kind inputmode required=false refusal /> }
    };
    let rest = view! {
        <div class="filters">
            {field("min", t!(language, "find-min"), &filters.min, "text", "decimal")}
            {field("max", t!(language, "find-max"), &filters.max, "text", "decimal")}
            {field("from", t!(language, "find-from-day"), &filters.from, "date", "none")}
            {field("to", t!(language, "find-to-day"), &filters.to, "date", "none")}
            <button class="quiet">{t!(language, "find-apply")}</button>
        </div>
    };
    let city =
        (!filters.city.is_empty()).then(|| view! { <input type="hidden" name="city" value=filters.city.clone() /> });
    view! {
        <form class="find" role="search" action="/">
            <div class="search">
                <label class="hidden" for="q">{t!(language, "frame-search-label")}</label>
                <input
                    id="q"
                    type="search"
                    name="q"
                    value=filters.q.clone()
                    maxlength="200"
                    placeholder=t!(language, "frame-search-hint")
                    autocomplete="off"
                    enterkeyhint="search"
                />
                <button aria-label=t!(language, "frame-search")><Icon shape=Shape::SEARCH /></button>
            </div>
            {city}
            {more(t!(language, "find-more"), t!(language, "find-more-about"), is_open, rest)}
        </form>
    }
    .into_any()
}
