use axum::extract::State;
use common::answers::JsonAnswer;
use common::api::FacetsBody;
use common::contract::Refused;
use common::error::ApiError;

use super::query::{EventsQuery, Sent};
use crate::models::events as queries;
use crate::models::search::Filters;
use crate::state::Tickets;

/// `GET /api/tickets/events/facets`: by what the events that match can be narrowed down. A city that is chosen does not hide the others.
#[utoipa::path(
    get, path = "/api/tickets/events/facets",
    params(Sent),
    responses((status = 200, body = FacetsBody, headers(("ETag"))), (status = 304), Refused)
)]
pub async fn facets(State(tickets): State<Tickets>, list: EventsQuery) -> Result<JsonAnswer, ApiError> {
    let filters = Filters { city: None, ..list.filters };
    let read = async || JsonAnswer::new(&FacetsBody { cities: queries::cities(&tickets.store, &filters).await? }, None);
    tickets.facets.get(&format!("{filters:?}"), read).await
}
