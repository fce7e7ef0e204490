use axum::extract::State;
use common::api::{ErrorBody, PaymentBody};
use common::auth::CurrentUser;
use common::contract::{Conflict, NotAuthorized, NotFound, Refused};
use common::error::ApiError;
use common::events::ORDER;
use common::extract::{Fields, Valid, ValidJson, filled};
use common::id::Id;
use common::replica;
use common::respond::Created;
use serde_json::Value;
use utoipa::ToSchema;

use crate::state::Payments;

/// The body of a payment.
#[derive(ToSchema)]
#[schema(rename_all = "camelCase")]
pub struct NewPayment {
    #[schema(min_length = 1, max_length = 255)]
    token: String,
    #[schema(value_type = Id)]
    order_id: String,
}

impl Valid for NewPayment {
    fn read(body: &mut Fields) -> Option<Self> {
        let token = body.take("token", token);
        let order_id = body.take("orderId", |value| filled(value, "OrderId is required").map(str::to_owned));
        Some(Self { token: token?, order_id: order_id? })
    }
}

/// A provider's tokens are far shorter.
const MAX_TOKEN_CHARACTERS: usize = 255;

fn token(value: &Value) -> Result<String, &'static str> {
    let token = filled(value, "Token is required")?;
    if token.chars().count() > MAX_TOKEN_CHARACTERS {
        return Err("Token must be at most 255 characters");
    }
    Ok(token.to_owned())
}

/// `POST /api/payments`: authorises the price of the signed-in buyer's order on the card behind the token. However often it
/// is sent, an order is paid once.
#[utoipa::path(
    post, path = "/api/payments",
    request_body = NewPayment,
    responses((status = 201, body = PaymentBody), (status = 402, body = ErrorBody), Refused, NotAuthorized, NotFound, Conflict),
    security(("session" = []))
)]
pub async fn new(
    State(payments): State<Payments>,
    CurrentUser(buyer): CurrentUser,
    ValidJson(request): ValidJson<NewPayment>,
) -> Result<Created<PaymentBody>, ApiError> {
    let order_id: Id = request.order_id.parse().map_err(|_| ApiError::NotFound)?;
    let order = replica::wait_for(&payments.broker, ORDER, order_id, || payments.orders.find_known(order_id)).await?;
    if order.user_id != buyer.id {
        return Err(ApiError::NotAuthorized);
    }
    let payment = payments.pay(order, &request.token).await?;
    Ok(Created(payment.body()))
}
