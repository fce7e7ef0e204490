use axum::extract::rejection::QueryRejection;
use axum::extract::{Query, State};
use common::contract::Refused;
use common::error::ApiError;
use common::id::Id;
use common::live::{Connection, Resume};
use serde::Deserialize;
use utoipa::IntoParams;

use crate::state::Tickets;

/// The query as it was sent.
#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct Sent {
    #[param(value_type = Id, required = false)]
    event: Option<String>,
}

/// `GET /api/tickets/live`: tells of tickets that are on sale (`ticket`) and of those that no longer are (`gone`), as it happens.
/// `?event=` limits it to the tickets of one event.
#[utoipa::path(
    get, path = "/api/tickets/live",
    params(Sent, Resume),
    responses((status = 200, body = String, content_type = "text/event-stream"), Refused)
)]
pub async fn live(
    State(tickets): State<Tickets>,
    sent: Result<Query<Sent>, QueryRejection>,
    Resume(since): Resume,
) -> Result<Connection, ApiError> {
    let Query(Sent { event }) = sent.map_err(|_| ApiError::refused("Query is malformed"))?;
    let event = event.map(|key| key.parse::<Id>()).transpose();
    let event = event.map_err(|_| ApiError::invalid("event", "Event must be a key"))?;
    Connection::open(&tickets.live, event, since)
}
