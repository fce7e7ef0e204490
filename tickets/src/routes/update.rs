use axum::Json;
use axum::extract::State;
use common::api::TicketBody;
use common::auth::CurrentUser;
use common::error::ApiError;
use common::extract::{PathId, ValidJson};

use crate::models::offer::Offer;
use crate::state::Tickets;

/// `PUT /api/tickets/:id`: its seller changes title and price.
pub async fn update(
    State(tickets): State<Tickets>,
    CurrentUser(editor): CurrentUser,
    PathId(id): PathId,
    ValidJson(offer): ValidJson<Offer>,
) -> Result<Json<TicketBody>, ApiError> {
    let ticket = tickets.store.change(id, |ticket| ticket.edit(offer.clone(), editor.id)).await?;
    Ok(Json(ticket.body()))
}
