use axum::Json;
use axum::extract::State;
use common::api::RefundBody;
use common::auth::Operator;
use common::contract::{Conflict, NotFound, Refused};
use common::error::ApiError;
use common::extract::PathId;
use common::id::Id;

use crate::state::Payments;

/// `POST /api/payments/:orderId/refund`: an operator gives the money of a complete order back. When it goes back already, or went
/// back, the answer is the same again.
#[utoipa::path(
    post, path = "/api/payments/{order_id}/refund",
    params(("order_id" = Id, Path)),
    responses((status = 200, body = RefundBody), Refused, NotFound, Conflict),
    security(("session" = []))
)]
pub async fn refund(
    State(payments): State<Payments>,
    Operator(operator): Operator,
    PathId(order_id): PathId,
) -> Result<Json<RefundBody>, ApiError> {
    let payment = payments.give_back(order_id, operator.id).await?;
    payment.refund_body().map(Json).ok_or_else(|| ApiError::internal("it does not go back"))
}
