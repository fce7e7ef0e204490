use axum::Json;
use axum::extract::State;
use common::api::TicketBody;
use common::auth::CurrentUser;
use common::contract::{Conflict, NotAuthorized, NotFound, Refused};
use common::error::ApiError;
use common::extract::{PathId, ValidJson};
use common::id::Id;

use crate::models::offer::Edit;
use crate::state::Tickets;

/// `PUT /api/tickets/:id`: its seller changes what it says.
#[utoipa::path(
    put, path = "/api/tickets/{id}",
    params(("id" = Id, Path)),
    request_body = Edit,
    responses((status = 200, body = TicketBody), Refused, NotAuthorized, NotFound, Conflict),
    security(("session" = []))
)]
pub async fn update(
    State(tickets): State<Tickets>,
    CurrentUser(editor): CurrentUser,
    PathId(id): PathId,
    ValidJson(edit): ValidJson<Edit>,
) -> Result<Json<TicketBody>, ApiError> {
    if tickets.store.find(id).await?.is_some_and(|ticket| ticket.is_put_back_by(&edit, editor.id)) {
        tickets.check_room(editor.id).await?;
    }
    let ticket = tickets.store.change(id, |ticket| ticket.edit(edit.clone(), editor.id, tickets.price_cap)).await?;
    Ok(Json(ticket.body()))
}
