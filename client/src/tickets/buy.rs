//! `POST /tickets/{id}/buy`

use axum::http::{Method, StatusCode};
use axum::response::{IntoResponse, Response};
use common::api::{OrderBody, TicketBody};
use common::extract::PathId;
use common::id::Id;
use common::money::Money;
use serde::Deserialize;
use serde_json::json;

use super::gone::{gone_page, lost_page};
use super::read;
use super::show::{fingerprint, ticket_page};
use super::similar::Missed;
use crate::failure::{Failure, Refusal, Service};
use crate::forms::Form;
use crate::language::{Language, t};
use crate::page::redirect;
use crate::visitor::{SignedIn, Visitor};

/// What the buyer saw when pressing the button.
#[derive(Default, Deserialize)]
#[serde(default)]
pub struct Seen {
    version: String,
    title: String,
    cents: String,
    event: String,
    city: String,
    facts: String,
}

impl Seen {
    /// What a page needs to say when the ticket itself is gone.
    fn missed(self, id: Id) -> Missed {
        Missed { id: Some(id), event: self.event.parse().ok(), title: self.title, city: self.city }
    }

    /// What is different now.
    fn change(&self, ticket: &TicketBody, language: Language) -> String {
        match self.cents.parse().map(Money::from_cents) {
            Ok(before) if before != ticket.price => {
                let (before, now) = (language.money(before), language.money(ticket.price));
                t!(language, "ticket-price-changed", before = before, now = now)
            }
            _ => t!(language, "ticket-changed"),
        }
    }
}

/// `POST /tickets/{id}/buy`: reserves the ticket, at the price that the buyer saw.
pub async fn submit(
    SignedIn(buyer): SignedIn,
    PathId(id): PathId,
    Form(seen): Form<Seen>,
) -> Result<Response, Failure> {
    let mut answer = order(&buyer, id, seen.version.parse().ok()).await;
    if let Err(Failure::Refused(Refusal { status: StatusCode::CONFLICT, .. })) = answer
        && let Ok(ticket) = read(&buyer, id).await
        && fingerprint(&ticket) == seen.facts
    {
        // Somebody reserved it and let it go again: another version, and the same words and price.
        answer = order(&buyer, id, Some(ticket.version)).await;
    }
    match answer {
        Ok(order) => Ok(redirect(&format!("/orders/{}", order.id))),
        Err(Failure::NotFound) => Ok(gone_page(&buyer, &seen.missed(id)).await.into_response()),
        Err(failure) => refused(&buyer, id, seen, failure.refusal()?).await,
    }
}

async fn order(buyer: &Visitor, id: Id, version: Option<i32>) -> Result<OrderBody, Failure> {
    let mut order = json!({"ticketId": id});
    if let Some(version) = version {
        order["version"] = version.into();
    }
    buyer.call(Method::POST, Service::Orders, "/api/orders").json(&order).read().await
}

async fn refused(buyer: &Visitor, id: Id, seen: Seen, refusal: Refusal) -> Result<Response, Failure> {
    let ticket = match read(buyer, id).await {
        Ok(ticket) => ticket,
        Err(Failure::NotFound) => return Ok(gone_page(buyer, &seen.missed(id)).await.into_response()),
        Err(failure) => return Err(failure),
    };
    if refusal.errors.iter().any(|entry| entry.message == "Ticket is already reserved") {
        return Ok(lost_page(buyer, &ticket).await.into_response());
    }
    let changed = (refusal.status == StatusCode::CONFLICT).then(|| seen.change(&ticket, buyer.language()));
    Ok(ticket_page(buyer, ticket, refusal, changed).await.into_response())
}
