use axum::Json;
use axum::extract::State;
use common::api::FacetsBody;
use common::error::ApiError;

use super::query::EventsQuery;
use crate::models::search::Filters;
use crate::state::Tickets;

/// `GET /api/tickets/events/facets`: by what the events that match can be narrowed down. A city that is chosen does not hide the others.
pub async fn facets(State(tickets): State<Tickets>, list: EventsQuery) -> Result<Json<FacetsBody>, ApiError> {
    let filters = Filters { city: None, ..list.filters };
    Ok(Json(FacetsBody { cities: tickets.cities.find(&tickets.store, &filters).await? }))
}
