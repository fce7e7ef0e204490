//! `GET /selling`: what the visitor sells and has sold.

mod entry;
mod totals;

use axum::http::Method;
use common::api::{ListingState, OwnTicketBody, TicketBody};
use common::id::Id;
use leptos::prelude::*;

use crate::assets::{LOCAL_TIME, SELF_REFRESH};
use crate::card::{Notice, Tone};
use crate::failure::{Failure, Service};
use crate::icons::{Icon, Shape};
use crate::language::{Language, t};
use crate::list::{After, next_after};
use crate::page::Page;
use crate::visitor::{SignedIn, Visitor};

use entry::entry;
pub use totals::Totals;

/// How often the page looks again, in seconds. Orders come and end by themselves.
const LOOK_SECONDS: u32 = 10;

/// The most pages of listings that are read to find one or to add all up.
const MOST_PAGES: usize = 10;

/// `GET /selling`: the visitor's own listings, newest first, each with its state.
pub async fn page(SignedIn(seller): SignedIn, page: After) -> Result<Page, Failure> {
    let language = seller.language();
    let (listings, next) = read(&seller, page.after).await?;
    let is_first = page.after.is_none();
    let totals = match (is_first, next) {
        (true, None) => Some(Totals::of(&listings)),
        (true, Some(_)) => Some(Totals::of(&all(&seller).await?)),
        (false, _) => None,
    };
    let heading = t!(language, "sell-own-heading");
    let content = view! {
        <div class="head">
            <h1>{heading.clone()}</h1>
        </div>
        <div class="actions">
            <a class="button" href="/tickets/new"><Icon shape=Shape::PLUS /> {t!(language, "sell-own-new")}</a>
        </div>
        <self-refresh id="listings" seconds=LOOK_SECONDS>
            {totals.map(|totals| totals.view(language))}
            {to_do(&listings, language)}
            {list(listings, is_first, next, language)}
        </self-refresh>
    };
    Ok(seller.page(heading, content).script(&LOCAL_TIME).script(&SELF_REFRESH))
}

/// A page of the seller's listings, and where the next one begins.
async fn read(seller: &Visitor, after: Option<Id>) -> Result<(Vec<OwnTicketBody>, Option<Id>), Failure> {
    let after = after.map(|after| format!("?after={after}")).unwrap_or_default();
    let call = seller.call(Method::GET, Service::Tickets, &format!("/api/tickets/mine{after}"));
    let (headers, listings) = call.read_with_headers().await?;
    Ok((listings, next_after(&headers)))
}

/// The seller's listings, as many as one adds up.
pub async fn all(seller: &Visitor) -> Result<Vec<OwnTicketBody>, Failure> {
    let (mut listings, mut next) = read(seller, None).await?;
    for _ in 1..MOST_PAGES {
        let Some(after) = next else { break };
        let (more, then) = read(seller, Some(after)).await?;
        listings.extend(more);
        next = then;
    }
    Ok(listings)
}

/// A listing of the seller's own, withdrawn ones included.
pub async fn own(seller: &Visitor, id: Id) -> Result<TicketBody, Failure> {
    let listings = all(seller).await?;
    listings.into_iter().map(|own| own.ticket).find(|ticket| ticket.id == id).ok_or(Failure::NotFound)
}

/// What a buyer waits for.
fn to_do(listings: &[OwnTicketBody], language: Language) -> Option<impl IntoView + use<>> {
    let awaited = listings.iter().filter(|own| own.state == ListingState::Sold && !own.ticket.has_file).count();
    (awaited > 0).then(|| {
        let words = t!(language, "sell-own-awaited", tickets = awaited);
        view! { <Notice tone=Tone::Warn><p>{words}</p></Notice> }
    })
}

fn list(listings: Vec<OwnTicketBody>, is_first: bool, next: Option<Id>, language: Language) -> AnyView {
    let entries = match listings.len() {
        0 if is_first => return nothing(language),
        0 => view! { <p>{t!(language, "sell-own-no-more")}</p> }.into_any(),
        _ => {
            let live: Vec<TicketBody> =
                listings.iter().filter(|own| is_live(own)).map(|own| own.ticket.clone()).collect();
            let is_back = |own: &OwnTicketBody| {
                live.iter().any(|live| live.title == own.ticket.title && live.details == own.ticket.details)
            };
            let entries = listings.into_iter().map(|own| {
                let is_back = is_back(&own);
                entry(own, is_back, language)
            });
            let entries = entries.collect_view();
            view! { <ul class="list listings">{entries}</ul> }.into_any()
        }
    };
    let first =
        (!is_first).then(|| view! { <a class="button quiet" href="/selling">{t!(language, "sell-own-first")}</a> });
    let next = next.map(|after| {
        let path = format!("/selling?after={after}");
        view! { <a class="button quiet" rel="next" href=path>{t!(language, "sell-own-next")}</a> }
    });
    let paging = (first.is_some() || next.is_some())
        .then(|| view! { <nav class="paging" aria-label=t!(language, "sell-own-pages")>{first} {next}</nav> });
    view! { {entries} {paging} }.into_any()
}

/// To be had, held or sold.
fn is_live(own: &OwnTicketBody) -> bool {
    matches!(own.state, ListingState::OnSale | ListingState::Held | ListingState::Sold)
}

fn nothing(language: Language) -> AnyView {
    view! {
        <div class="empty">
            <Icon shape=Shape::TICKET />
            <p>{t!(language, "sell-own-nothing")}</p>
        </div>
    }
    .into_any()
}
