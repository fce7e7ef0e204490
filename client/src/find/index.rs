//! `GET /`

use axum::extract::Query;
use axum::extract::rejection::QueryRejection;
use axum::http::{Method, StatusCode};
use common::api::{EventBody, FacetsBody};
use leptos::prelude::*;
use serde_json::json;

use super::active::{chips, words};
use super::choices::{cities, days, form};
use super::filters::{EVENTS, Filter, Filters};
use super::nothing::Otherwise;
use crate::card::EventCard;
use crate::failure::{Failure, Refusal, Service, Summary};
use crate::language::{Language, t};
use crate::list::{Begin, Cursor, next_cursor};
use crate::page::{Head, Page, Prepared};
use crate::state::Client;
use crate::visitor::Visitor;

/// How many events a page shows: whole rows of two, three and four.
const MOST_SHOWN: usize = 24;

/// The inputs of the form that the service may refuse.
const FIELDS: [&str; 4] = ["min", "max", "from", "to"];

/// `GET /`: what is on, or what of it matches the query. The address alone says what is shown.
pub async fn page(
    visitor: Visitor,
    begin: Begin,
    filters: Result<Query<Filters>, QueryRejection>,
) -> Result<Page, Failure> {
    let filters = filters?.0.tidied();
    let language = visitor.language();
    let after = match &begin.after {
        Some(Cursor::At(after)) => Some(after.as_str()),
        _ => None,
    };
    let question = format!("{} {} {}", language.tag(), filters.path(), after.unwrap_or_default());
    let render = async || render(visitor.client(), &filters, after, language).await;
    match visitor.client().found().get(&question, render).await {
        Ok(found) => {
            let page = visitor.prepared(title(&filters, language), found).wide().without_search();
            Ok(page.head(head(&filters, after, language, visitor.origin())))
        }
        Err(failure) => Ok(refused(&visitor, &filters, failure.refusal()?)),
    }
}

/// The content of the page, which is the same for every visitor.
async fn render(
    client: &Client,
    filters: &Filters,
    after: Option<&str>,
    language: Language,
) -> Result<Prepared, Failure> {
    let events = filters.call(EVENTS, Some(MOST_SHOWN), after);
    let facets = filters.without(Filter::City).call("/api/tickets/events/facets", None, None);
    let (events, facets) = tokio::join!(
        client.public(Method::GET, Service::Tickets, &events).read_with_headers::<Vec<EventBody>>(),
        client.public(Method::GET, Service::Tickets, &facets).read::<FacetsBody>(),
    );
    let (headers, events) = events?;
    // Without the cities one can still look for events.
    let facets = facets.unwrap_or_default();
    let found = match (events.is_empty(), after) {
        (true, None) => Otherwise::look(client, filters).await.view(filters, language),
        (true, Some(_)) => view! { <p>{t!(language, "find-no-more")}</p> }.into_any(),
        (false, _) => {
            let events = events.into_iter().map(|event| view! { <EventCard language event /> }).collect_view();
            view! { <ul class="cards">{events}</ul> }.into_any()
        }
    };
    let content = view! {
        {heading(filters, language)}
        {form(filters, Refusal::default(), language)}
        {days(filters, language)}
        {cities(filters, &facets, language)}
        <section aria-labelledby="events">
            <h2 id="events" class="hidden">{t!(language, "find-events")}</h2>
            {chips(filters, language)}
            {found}
            {paging(filters, after.is_some(), next_cursor(&headers).as_deref(), language)}
        </section>
    };
    Ok(Prepared::new(content))
}

/// The page whose form says what is wrong.
fn refused(visitor: &Visitor, filters: &Filters, refusal: Refusal) -> Page {
    let language = visitor.language();
    let refusal = refusal.in_form(language, &FIELDS);
    let messages = refusal.about_all_but(&FIELDS);
    let content = view! {
        {heading(&Filters::default(), language)}
        <Summary messages />
        {form(filters, refusal, language)}
    };
    let page = visitor.page(title(&Filters::default(), language), content);
    page.wide().without_search().status(StatusCode::BAD_REQUEST)
}

fn heading(filters: &Filters, language: Language) -> impl IntoView + use<> {
    let lead = filters.active().is_empty().then(|| view! { <p class="lead">{t!(language, "find-lead")}</p> });
    view! { <div class="head"><h1>{title(filters, language)}</h1> {lead}</div> }
}

/// What is looked for: `Tickets: “Tosca”, Berlin`.
fn title(filters: &Filters, language: Language) -> String {
    let parts: Vec<String> = filters.active().iter().rev().map(|filter| words(filters, *filter, language)).collect();
    if parts.is_empty() { t!(language, "find-heading") } else { t!(language, "find-title", filters = parts.join(", ")) }
}

/// A search engine finds the landing page and that of each city; every other search is the visitor's own.
fn head(filters: &Filters, after: Option<&str>, language: Language, origin: &str) -> Head {
    let is_found = filters.active().iter().all(|filter| *filter == Filter::City);
    if !is_found || after.is_some() {
        return Head::default().hidden();
    }
    let head = Head::at(filters.path()).description(match filters.city.as_str() {
        "" => t!(language, "frame-description"),
        city => t!(language, "find-description", city = city),
    });
    let search = json!({
        "@context": "https://schema.org",
        "@type": "WebSite",
        "name": "Ticketing",
        "url": format!("{origin}/"),
        "potentialAction": {
            "@type": "SearchAction",
            "target": {"@type": "EntryPoint", "urlTemplate": format!("{origin}/?q={{q}}")},
            "query-input": "required name=q",
        },
    });
    if filters.city.is_empty() { head.linked_data(search) } else { head }
}

fn paging(filters: &Filters, is_later: bool, next: Option<&str>, language: Language) -> Option<AnyView> {
    let first =
        is_later.then(|| view! { <a class="button quiet" href=filters.path()>{t!(language, "find-first")}</a> });
    let next = next.map(|next| {
        view! { <a class="button quiet" rel="next" href=filters.path_after(next)>{t!(language, "find-next")}</a> }
    });
    (first.is_some() || next.is_some())
        .then(|| view! { <nav class="paging" aria-label=t!(language, "find-pages")>{first} {next}</nav> }.into_any())
}
