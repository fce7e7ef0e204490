use axum::Json;
use axum::extract::State;
use common::api::OrderBody;
use common::auth::CurrentUser;
use common::contract::{NotAuthorized, NotFound};
use common::error::ApiError;
use common::events::TICKET;
use common::extract::PathId;
use common::id::Id;
use common::replica;

use crate::state::Orders;

/// `GET /api/orders/:id`: one of the buyer's own orders, with its ticket. An operator may see every order.
#[utoipa::path(
    get, path = "/api/orders/{id}",
    params(("id" = Id, Path)),
    responses((status = 200, body = OrderBody), NotAuthorized, NotFound),
    security(("session" = []))
)]
pub async fn show(
    State(orders): State<Orders>,
    CurrentUser(user): CurrentUser,
    PathId(id): PathId,
) -> Result<Json<OrderBody>, ApiError> {
    let order = orders.store.find(id).await?.ok_or(ApiError::NotFound)?;
    if !orders.operators.contains(&user) {
        order.check_buyer(user.id)?;
    }
    let ticket = orders.tickets.find(order.ticket()).await?;
    if ticket.is_none() {
        replica::request_state(&orders.broker, TICKET, order.ticket()).await;
    }
    Ok(Json(order.body(ticket.as_ref())))
}
