//! `GET /events/{key}`

use axum::extract::Query;
use axum::extract::rejection::QueryRejection;
use axum::http::Method;
use axum::response::{IntoResponse, Response};
use common::api::{EventBody, TicketBody};
use common::extract::PathId;
use common::id::Id;
use common::timestamp::Timestamp;
use leptos::prelude::*;
use serde::Deserialize;

use super::gone::gone_page;
use super::linked_data::event_data;
use super::listing::Listing;
use crate::assets::LIVE_LIST;
use crate::failure::{Failure, Service};
use crate::icons::{Icon, Shape};
use crate::language::{Language, t};
use crate::list::{Begin, Cursor, next_cursor};
use crate::page::{Head, Page};
use crate::tickets::offer::{Offer, about};
use crate::visitor::Visitor;

/// How many listings a page shows.
const MOST_SHOWN: usize = 50;

/// `?sort=`
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
pub enum Sort {
    /// The cheapest seat first.
    #[default]
    #[serde(rename = "seat")]
    Seat,
    /// The cheapest listing first, whatever its number of seats.
    #[serde(rename = "price")]
    Total,
    /// The dearest listing first.
    #[serde(rename = "-price")]
    Dearest,
    #[serde(rename = "newest")]
    Newest,
}

impl Sort {
    const ALL: [Self; 4] = [Self::Seat, Self::Total, Self::Dearest, Self::Newest];

    /// What the service calls it, if it has to be said.
    fn value(self) -> Option<&'static str> {
        match self {
            Self::Seat => None,
            Self::Total => Some("price"),
            Self::Dearest => Some("-price"),
            Self::Newest => Some("newest"),
        }
    }

    fn name(self, language: Language) -> String {
        match self {
            Self::Seat => t!(language, "event-sort-seat"),
            Self::Total => t!(language, "event-sort-total"),
            Self::Dearest => t!(language, "event-sort-dearest"),
            Self::Newest => t!(language, "event-sort-newest"),
        }
    }
}

/// The query of the page.
#[derive(Default, Deserialize)]
pub struct Sent {
    #[serde(default)]
    sort: Sort,
}

/// `GET /events/{key}`: what is on sale for an event, and how the listings differ.
pub async fn page(
    visitor: Visitor,
    PathId(key): PathId,
    begin: Begin,
    sent: Result<Query<Sent>, QueryRejection>,
) -> Result<Response, Failure> {
    let sort = sent?.0.sort;
    let after = match begin.after {
        Some(Cursor::At(after)) => Some(after),
        _ => None,
    };
    let mut path = format!("/api/tickets?event={key}&limit={MOST_SHOWN}");
    path.extend(sort.value().map(|value| format!("&sort={value}")));
    path.extend(after.as_ref().map(|after| format!("&after={after}")));
    let (listed, event) = tokio::join!(
        visitor.call(Method::GET, Service::Tickets, &path).read_with_headers::<Vec<TicketBody>>(),
        whole(&visitor, key),
    );
    let (headers, tickets) = listed?;
    if tickets.is_empty() {
        return Ok(gone_page(&visitor, key).await.into_response());
    }
    let pages = Pages { key, sort, after, next: next_cursor(&headers) };
    Ok(event_page(&visitor, tickets, event, &pages).into_response())
}

/// How many tickets there are in all, and from which price. The page does without.
async fn whole(visitor: &Visitor, key: Id) -> Option<EventBody> {
    let path = format!("/api/tickets/events?event={key}&limit=1");
    let events: Vec<EventBody> = visitor.call(Method::GET, Service::Tickets, &path).read().await.ok()?;
    events.into_iter().find(|event| event.key == key)
}

/// Which part of the listings is shown, and in which order.
struct Pages {
    key: Id,
    sort: Sort,
    after: Option<String>,
    next: Option<String>,
}

impl Pages {
    fn path(&self, sort: Sort, after: Option<&str>) -> String {
        let pairs = [sort.value().map(|sort| format!("sort={sort}")), after.map(|after| format!("after={after}"))];
        let pairs: Vec<String> = pairs.into_iter().flatten().collect();
        let query = if pairs.is_empty() { String::new() } else { format!("?{}", pairs.join("&")) };
        format!("/events/{}{query}", self.key)
    }
}

/// The page of an event; each of its tickets says the same of it.
fn event_page(visitor: &Visitor, tickets: Vec<TicketBody>, event: Option<EventBody>, pages: &Pages) -> Page {
    let language = visitor.language();
    let now = Timestamp::now();
    let Some(first) = tickets.first() else { return visitor.page(t!(language, "event-tickets"), ()) };
    let offer = Offer { event: pages.key, price: None, ..Offer::of(first) };
    let title = first.title.clone();
    let heading = event.map_or_else(
        || t!(language, "event-tickets"),
        |event| {
            let tickets = t!(language, "find-tickets", tickets = event.tickets);
            format!("{tickets} {}", t!(language, "find-from", price = language.money(event.from)))
        },
    );
    let head = head(&tickets, pages, language, visitor.origin());
    // Only the first page in the usual order begins with the cheapest.
    let is_cheapest_first = pages.sort == Sort::Seat && pages.after.is_none() && tickets.len() > 1;
    let listings = tickets
        .into_iter()
        .enumerate()
        .map(|(at, ticket)| Listing::new(ticket).entry(at == 0 && is_cheapest_first, language));
    let listings = listings.collect_view();
    let content = view! {
        <article class="event">
            {offer.banner(language)}
            <div class="split event-head">
                <div>
                    <h1>{title}</h1>
                    {offer.when_and_where(language, now)}
                </div>
                <div class="actions">
                    <a class="button quiet" href=format!("/tickets/new?event={}", pages.key)>
                        <Icon shape=Shape::PLUS /> {t!(language, "event-sell")}
                    </a>
                </div>
            </div>
            <live-list
                event=pages.key.to_string()
                gone=t!(language, "event-gone")
                changed=t!(language, "event-changed")
            >
                <h2 id="tickets">{heading}</h2>
                {sorts(pages, language)}
                <ul class="offers" aria-labelledby="tickets">{listings}</ul>
                {paging(pages, language)}
            </live-list>
            <p class="small faint">{t!(language, "event-about")}</p>
        </article>
    };
    visitor.page(offer.title, content).head(head).script(&LIVE_LIST).wide()
}

fn head(tickets: &[TicketBody], pages: &Pages, language: Language, origin: &str) -> Head {
    if pages.sort != Sort::Seat || pages.after.is_some() {
        return Head::default().hidden();
    }
    let Some(first) = tickets.first() else { return Head::default() };
    let path = pages.path(Sort::Seat, None);
    let about = about(&first.title, &first.details, language);
    let price = language.money(first.details.price_of_one(first.price));
    Head::at(path.clone())
        .description(t!(language, "event-description", about = about, price = price))
        .linked_data(event_data(tickets, &format!("{origin}{path}"), origin))
}

fn sorts(pages: &Pages, language: Language) -> impl IntoView + use<> {
    let sorts = Sort::ALL.map(|sort| {
        let current = (sort == pages.sort).then_some("true");
        view! { <li><a class="chip" href=pages.path(sort, None) aria-current=current>{sort.name(language)}</a></li> }
    });
    let sorts = sorts.into_iter().collect_view();
    view! { <ul class="chips scroll" aria-label=t!(language, "event-sort")>{sorts}</ul> }
}

fn paging(pages: &Pages, language: Language) -> Option<AnyView> {
    let first = pages.after.is_some().then(|| {
        view! { <a class="button quiet" href=pages.path(pages.sort, None)>{t!(language, "event-first")}</a> }
    });
    let next = pages.next.as_deref().map(|next| {
        let path = pages.path(pages.sort, Some(next));
        view! { <a class="button quiet" rel="next" href=path>{t!(language, "event-next")}</a> }
    });
    (first.is_some() || next.is_some())
        .then(|| view! { <nav class="paging" aria-label=t!(language, "find-pages")>{first} {next}</nav> }.into_any())
}
