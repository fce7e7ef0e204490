//! `GET /feed.xml`

use axum::http::Method;
use axum::response::Response;
use chrono::{DateTime, SecondsFormat};
use common::api::TicketBody;
use common::timestamp::Timestamp;

use super::xml::{document, element, text_of};
use crate::failure::{Failure, Service};
use crate::language::{Language, t};
use crate::tickets::offer::place;
use crate::visitor::Visitor;

/// How many tickets the feed has.
const MOST: usize = 50;

/// `GET /feed.xml`: the newest tickets on sale, as an Atom feed.
pub async fn file(visitor: Visitor) -> Result<Response, Failure> {
    let (language, origin) = (visitor.language(), visitor.origin());
    let call = visitor.call(Method::GET, Service::Tickets, &format!("/api/tickets?sort=newest&limit={MOST}"));
    let tickets: Vec<TicketBody> = call.read().await?;
    // A feed without entries is as old as the epoch, so that it stays the same until there is one.
    let updated = tickets.iter().map(|ticket| ticket.id.made_at()).max().unwrap_or(Timestamp::from_millis(0));
    let entries: String = tickets.iter().map(|ticket| entry(ticket, origin, language)).collect();
    let origin = text_of(origin);
    let head = [
        element("title", &t!(language, "feed-title")),
        element("subtitle", &t!(language, "frame-description")),
        element("id", &format!("{origin}/feed.xml")),
        element("updated", &instant(updated)),
        format!("<link rel=\"self\" type=\"application/atom+xml\" href=\"{origin}/feed.xml\"/>"),
        format!("<link rel=\"alternate\" type=\"text/html\" href=\"{origin}/\"/>"),
        "<author><name>Ticketing</name></author>".to_owned(),
    ]
    .concat();
    let tag = language.tag();
    let root = format!("<feed xmlns=\"http://www.w3.org/2005/Atom\" xml:lang=\"{tag}\">{head}{entries}</feed>");
    Ok(document("application/atom+xml; charset=utf-8", &root))
}

fn entry(ticket: &TicketBody, origin: &str, language: Language) -> String {
    let url = format!("{origin}/tickets/{}", ticket.id);
    let when = ticket.details.starts_at.map(|time| language.date_and_clock(time));
    let about: Vec<String> =
        when.into_iter().chain(place(&ticket.details)).chain([language.money(ticket.price)]).collect();
    let time = instant(ticket.id.made_at());
    let parts = [
        element("title", &ticket.title),
        element("id", &url),
        format!("<link href=\"{}\"/>", text_of(&url)),
        element("published", &time),
        element("updated", &time),
        element("summary", &about.join(" · ")),
    ];
    element_of("entry", &parts.concat())
}

fn element_of(name: &str, content: &str) -> String {
    format!("<{name}>{content}</{name}>")
}

/// As RFC 3339 has it.
fn instant(time: Timestamp) -> String {
    DateTime::from_timestamp_millis(time.millis()).unwrap_or_default().to_rfc3339_opts(SecondsFormat::Secs, true)
}
