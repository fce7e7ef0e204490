use axum::extract::State;
use common::answers::JsonAnswer;
use common::api::EventBody;
use common::contract::Refused;
use common::error::ApiError;
use common::page::link;

use super::query::{EventsQuery, Sent};
use crate::models::events as queries;
use crate::state::Tickets;

const PATH: &str = "/api/tickets/events";

/// `GET /api/tickets/events`: what is on, each event with the number of listings that match and the least price of a seat.
#[utoipa::path(
    get, path = "/api/tickets/events",
    params(Sent),
    responses((status = 200, body = [EventBody], headers(("ETag"), ("Link"))), (status = 304), Refused)
)]
pub async fn events(State(tickets): State<Tickets>, list: EventsQuery) -> Result<JsonAnswer, ApiError> {
    let read = async || {
        let (entries, last) = queries::events(&tickets.store, &list.filters, list.after, list.limit).await?;
        let next = last.map(|(begins, event)| format!("{}_{event}", begins.timestamp_millis()));
        JsonAnswer::new(&entries, next.map(|after| link(PATH, &list.query, &after)))
    };
    tickets.answers.get(&format!("{PATH}?{}", list.query), read).await
}
