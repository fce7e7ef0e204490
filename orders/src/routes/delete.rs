use axum::extract::State;
use axum::http::StatusCode;
use common::auth::CurrentUser;
use common::contract::{Conflict, NotAuthorized, NotFound, Refused};
use common::error::ApiError;
use common::extract::PathId;
use common::id::Id;

use crate::models::order::Order;
use crate::state::Orders;

/// `DELETE /api/orders/:id`: the buyer cancels the order. Cancelling it again changes nothing.
#[utoipa::path(
    delete, path = "/api/orders/{id}",
    params(("id" = Id, Path)),
    responses((status = 204), Refused, NotAuthorized, NotFound, Conflict),
    security(("session" = []))
)]
pub async fn delete(
    State(orders): State<Orders>,
    CurrentUser(user): CurrentUser,
    PathId(id): PathId,
) -> Result<StatusCode, ApiError> {
    let cancel = |order: &mut Order| {
        order.check_buyer(user.id)?;
        order.cancel().map_err(|_| ApiError::refused("Cannot cancel a completed order"))
    };
    orders.change(id, cancel).await?;
    Ok(StatusCode::NO_CONTENT)
}
