//! Events and offers in the words of schema.org, which search engines read.

use common::api::TicketBody;
use common::listing::Details;
use common::money::Money;
use serde_json::{Map, Value, json};

use crate::page::PREVIEW;

/// An event with what is on sale for it, the cheapest seat first. `url` is the address of its page.
pub fn event_data(tickets: &[TicketBody], url: &str, origin: &str) -> Value {
    let Some(first) = tickets.first() else { return Value::Null };
    let prices = tickets.iter().map(|ticket| ticket.details.price_of_one(ticket.price));
    let offers = json!({
        "@type": "AggregateOffer",
        "url": url,
        "availability": "https://schema.org/InStock",
        "priceCurrency": "USD",
        "lowPrice": amount(prices.clone().min().unwrap_or(first.price)),
        "highPrice": amount(prices.max().unwrap_or(first.price)),
        "offerCount": tickets.len(),
    });
    event(&first.title, &first.details, url, origin, offers)
}

/// A ticket: its event with one offer. `url` is the address of its page.
pub fn ticket_data(ticket: &TicketBody, url: &str, origin: &str, is_on_sale: bool) -> Value {
    let availability = if is_on_sale { "InStock" } else { "SoldOut" };
    let offer = json!({
        "@type": "Offer",
        "url": url,
        "availability": format!("https://schema.org/{availability}"),
        "price": amount(ticket.price),
        "priceCurrency": "USD",
    });
    event(&ticket.title, &ticket.details, url, origin, offer)
}

fn event(title: &str, details: &Details, url: &str, origin: &str, offers: Value) -> Value {
    let mut event = Map::from_iter([
        ("@context".to_owned(), json!("https://schema.org")),
        ("@type".to_owned(), json!("Event")),
        ("name".to_owned(), json!(title)),
        ("url".to_owned(), json!(url)),
        ("image".to_owned(), json!(format!("{origin}{PREVIEW}"))),
        ("offers".to_owned(), offers),
    ]);
    if let Some(time) = details.starts_at {
        event.insert("startDate".to_owned(), json!(time.to_string()));
    }
    if let Some(place) = details.venue.as_ref().or(details.city.as_ref()) {
        let address = details.city.as_ref().map(|city| json!({"@type": "PostalAddress", "addressLocality": city}));
        event.insert("location".to_owned(), json!({"@type": "Place", "name": place, "address": address}));
        event.insert("eventAttendanceMode".to_owned(), json!("https://schema.org/OfflineEventAttendanceMode"));
    }
    Value::Object(event)
}

/// `12.50`
fn amount(money: Money) -> String {
    format!("{}.{:02}", money.cents() / 100, money.cents() % 100)
}
