//! `GET /orders/{id}/calendar.ics`

use axum::http::{Method, header};
use axum::response::{IntoResponse, Response};
use chrono::{DateTime, Utc};
use common::api::{OrderBody, OrderStatus, TicketBody};
use common::extract::PathId;
use common::timestamp::Timestamp;
use icalendar::{Calendar, Component, Event, EventLike, EventStatus};

use super::path;
use crate::failure::{Failure, Service};
use crate::language::{Language, t};
use crate::tickets::offer::place;
use crate::visitor::SignedIn;

/// `GET /orders/{id}/calendar.ics`: the event of a paid order that has a date, for its buyer's calendar.
pub async fn file(SignedIn(buyer): SignedIn, PathId(id): PathId) -> Result<Response, Failure> {
    let order: OrderBody = buyer.call(Method::GET, Service::Orders, &format!("/api/orders/{id}")).read().await?;
    if !buyer.is(order.user_id) {
        return Err(Failure::NotAuthorized);
    }
    if order.status != OrderStatus::Complete || order.refunded.is_some() {
        return Err(Failure::NotFound);
    }
    let call = buyer.call(Method::GET, Service::Tickets, &format!("/api/tickets/{}", order.ticket.id));
    let ticket: TicketBody = call.read().await?;
    let starts_at = ticket.details.starts_at.ok_or(Failure::NotFound)?;
    let url = format!("{}{}", buyer.origin(), path(id));
    let calendar = calendar(buyer.language(), &order, &ticket, starts_at.instant(), &url);
    let headers = [
        (header::CONTENT_TYPE, "text/calendar; charset=utf-8"),
        (header::CONTENT_DISPOSITION, "attachment; filename=\"event.ics\""),
        (header::CACHE_CONTROL, "no-store"),
    ];
    Ok((headers, calendar).into_response())
}

/// One event. Its UID stays the same, so a calendar that gets it twice keeps one. When the event ends is not known.
fn calendar(language: Language, order: &OrderBody, ticket: &TicketBody, starts_at: Timestamp, url: &str) -> String {
    let details = &ticket.details;
    let about = [
        details.section.as_ref().map(|section| t!(language, "order-section", section = section.clone())),
        details.row.as_ref().map(|row| t!(language, "order-row", row = row.clone())),
        details.seat.as_ref().map(|seat| t!(language, "order-seat", seat = seat.clone())),
        details.restrictions.clone(),
        Some(t!(language, "order-number", number = order.id.to_string())),
    ];
    let about = about.iter().flatten().map(|text| one_line(text)).collect::<Vec<_>>().join("\n");
    let mut event = Event::new();
    event
        .uid(&format!("order-{}@ticketing", order.id))
        .timestamp(utc(order.id.made_at()))
        .starts(utc(starts_at))
        .summary(&one_line(&order.ticket.title))
        .description(&about)
        .url(url)
        .status(EventStatus::Confirmed);
    if let Some(place) = place(details) {
        event.location(&one_line(&place));
    }
    Calendar::new().push(event.done()).done().to_string()
}

fn utc(time: Timestamp) -> DateTime<Utc> {
    DateTime::from_timestamp_millis(time.millis()).unwrap_or_default()
}

/// Without line ends, which would begin a line of the file.
fn one_line(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}
