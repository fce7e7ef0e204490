use axum::extract::State;
use axum::http::StatusCode;
use common::auth::CurrentUser;
use common::error::ApiError;
use common::extract::PathId;

use crate::models::order::Order;
use crate::state::Orders;

/// `DELETE /api/orders/:id`: the buyer cancels the order. Cancelling it again changes nothing.
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
