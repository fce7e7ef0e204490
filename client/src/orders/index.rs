//! `GET /orders`

use std::time::Duration;

use axum::http::Method;
use common::api::{OrderBody, TicketBody};
use common::timestamp::Timestamp;
use futures::future::join_all;
use leptos::prelude::*;

use super::countdown::TimeLeft;
use super::path;
use super::standing::Standing;
use crate::assets::TIME_LEFT;
use crate::card::{Badge, DateBlock, Tone};
use crate::failure::{Failure, Service};
use crate::icons::{Icon, Shape};
use crate::language::{Language, t};
use crate::list::{After, next_after};
use crate::page::Page;
use crate::tickets::offer::place;
use crate::visitor::{SignedIn, Visitor};

/// How many orders a page shows. Each asks the tickets service what its ticket is.
const ON_A_PAGE: usize = 20;

/// How long the tickets service may take. The list can do without dates and places.
const TICKET_LIMIT: Duration = Duration::from_secs(1);

/// `GET /orders`: the visitor's own, newest first.
pub async fn page(SignedIn(buyer): SignedIn, page: After) -> Result<Page, Failure> {
    let after = page.after.map(|after| format!("&after={after}")).unwrap_or_default();
    let call = buyer.call(Method::GET, Service::Orders, &format!("/api/orders?sort=newest&limit={ON_A_PAGE}{after}"));
    let (headers, orders) = call.read_with_headers::<Vec<OrderBody>>().await?;
    let tickets = join_all(orders.iter().map(|order| ticket_of(&buyer, order))).await;
    let language = buyer.language();
    let now = Timestamp::now();
    let content = match (orders.is_empty(), page.after) {
        (true, None) => nothing(language),
        (true, Some(_)) => view! { <p>{t!(language, "order-no-more")}</p> }.into_any(),
        _ => {
            let entries =
                orders.iter().zip(&tickets).map(|(order, ticket)| entry(language, order, ticket.as_ref(), now));
            view! { <ul class="list orders">{entries.collect_view()}</ul> }.into_any()
        }
    };
    let newest =
        page.after.map(|_| view! { <a class="button quiet" href="/orders">{t!(language, "order-newest")}</a> });
    let more = next_after(&headers).map(|next| {
        view! { <a class="button quiet" rel="next" href=format!("/orders?after={next}")>{t!(language, "order-more")}</a> }
    });
    let pages = (newest.is_some() || more.is_some())
        .then(|| view! { <nav class="paging" aria-label=t!(language, "order-pages")>{newest} {more}</nav> });
    let heading = t!(language, "frame-orders");
    let content = view! { <h1>{heading.clone()}</h1> {content} {pages} };
    Ok(buyer.page(heading, content).script(&TIME_LEFT))
}

async fn ticket_of(buyer: &Visitor, order: &OrderBody) -> Option<TicketBody> {
    let call = buyer.call(Method::GET, Service::Tickets, &format!("/api/tickets/{}", order.ticket.id));
    call.timeout(TICKET_LIMIT).read().await.ok()
}

fn nothing(language: Language) -> AnyView {
    view! {
        <div class="empty">
            <Icon shape=Shape::TICKET />
            <p>{t!(language, "order-none")}</p>
            <p>
                <a class="button" href="/">
                    {t!(language, "order-see-sale")}
                </a>
            </p>
        </div>
    }
    .into_any()
}

fn entry(language: Language, order: &OrderBody, ticket: Option<&TicketBody>, now: Timestamp) -> AnyView {
    let details = ticket.map(|ticket| &ticket.details);
    let is_awaited = ticket.is_some_and(|ticket| !ticket.has_file);
    let starts_at = details.and_then(|details| details.starts_at);
    let seats = details.map(|details| details.seats()).filter(|seats| *seats > 1);
    let about = [
        details.and_then(place),
        starts_at.map(|time| language.away(time, now)),
        seats.map(|seats| t!(language, "order-seats", seats = seats)),
    ];
    let about = about.into_iter().flatten().collect::<Vec<_>>().join(" · ");
    view! {
        <li>
            <DateBlock language time=starts_at />
            <div class="entry">
                <a href=path(order.id)>{order.ticket.title.clone()}</a>
                <span class="small faint">{about}</span>
                <span class="state">{state(language, order, is_awaited, now)}</span>
            </div>
            <span class="price">{language.money(order.ticket.price)}</span>
        </li>
    }
    .into_any()
}

/// `is_awaited`: the seller has not added the ticket itself yet.
fn state(language: Language, order: &OrderBody, is_awaited: bool, now: Timestamp) -> AnyView {
    let (tone, text) = match Standing::of(order, None, now) {
        Standing::Payable(left) => {
            return view! {
                <span class="badge warn">
                    {t!(language, "order-state-open")} " " <TimeLeft language until=order.expires_at left />
                </span>
            }
            .into_any();
        }
        Standing::Completing(_) | Standing::Expiring(_) => (Tone::Plain, t!(language, "order-state-expiring")),
        Standing::Complete if is_awaited => (Tone::Good, t!(language, "order-state-awaited")),
        Standing::Complete => (Tone::Good, t!(language, "order-state-paid")),
        Standing::Refunded(_) => (Tone::Plain, t!(language, "order-state-refunded")),
        Standing::Cancelled(_) => (Tone::Plain, t!(language, "order-state-cancelled")),
    };
    view! { <Badge tone text /> }.into_any()
}
