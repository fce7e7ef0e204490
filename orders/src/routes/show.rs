use axum::Json;
use axum::extract::State;
use common::api::OrderBody;
use common::auth::CurrentUser;
use common::error::ApiError;
use common::extract::PathId;

use crate::state::Orders;

/// `GET /api/orders/:id`: one of the buyer's own orders, with its ticket.
pub async fn show(
    State(orders): State<Orders>,
    CurrentUser(user): CurrentUser,
    PathId(id): PathId,
) -> Result<Json<OrderBody>, ApiError> {
    let order = orders.store.find(id).await?.ok_or(ApiError::NotFound)?;
    order.check_buyer(user.id)?;
    let missing = || ApiError::internal("an order's ticket is not in the replica");
    let ticket = orders.tickets.find(order.ticket()).await?.ok_or_else(missing)?;
    Ok(Json(order.body(&ticket)))
}
