use axum::extract::State;
use common::api::EventBody;
use common::error::ApiError;
use common::page::Searched;

use super::query::EventsQuery;
use crate::models::events as queries;
use crate::state::Tickets;

/// `GET /api/tickets/events`: what is on, each event with the number of listings that match and the least price of a seat.
pub async fn events(State(tickets): State<Tickets>, list: EventsQuery) -> Result<Searched<EventBody>, ApiError> {
    let read = async || queries::events(&tickets.store, &list.filters, list.after, list.limit).await;
    let (entries, last) = tickets.events.read(list.query.clone(), read).await?;
    let next = last.map(|(begins, event)| format!("{}_{event}", begins.timestamp_millis()));
    Ok(Searched { path: "/api/tickets/events", query: list.query, entries, next })
}
