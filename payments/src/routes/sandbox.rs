use axum::Json;
use axum::extract::State;
use common::auth::CurrentUser;
use common::contract::{NotAuthorized, NotFound, Refused};
use common::error::ApiError;
use common::extract::{Fields, Valid, ValidJson, filled};
use serde_json::{Value, json};
use utoipa::ToSchema;

use crate::provider::ProviderError;
use crate::state::Payments;

/// What the buyer says to their bank.
#[derive(ToSchema)]
#[schema(rename_all = "camelCase")]
pub struct Decision {
    client_secret: String,
    #[schema(rename = "confirm")]
    confirms: bool,
}

impl Valid for Decision {
    fn read(body: &mut Fields) -> Option<Self> {
        let secret = body.take("clientSecret", |value| filled(value, "ClientSecret is required").map(str::to_owned));
        let confirms = body.take("confirm", |value| value.as_bool().ok_or("Confirm must be true or false"));
        Some(Self { client_secret: secret?, confirms: confirms? })
    }
}

/// `POST /api/payments/sandbox/confirm`: the buyer confirms a payment, or refuses to, in place of the page of their bank. Then the
/// payment is posted again. Only the sandbox has it; with Stripe the buyer's browser talks to Stripe.
#[utoipa::path(
    post, path = "/api/payments/sandbox/confirm",
    request_body = Decision,
    responses((status = 200, body = Object), Refused, NotAuthorized, NotFound),
    security(("session" = []))
)]
pub async fn confirm(
    State(payments): State<Payments>,
    _: CurrentUser,
    ValidJson(decision): ValidJson<Decision>,
) -> Result<Json<Value>, ApiError> {
    let sandbox = payments.provider.sandbox().ok_or(ApiError::NotFound)?;
    match sandbox.confirm_as_buyer(&decision.client_secret, decision.confirms).await {
        Ok(()) => Ok(Json(json!({}))),
        Err(ProviderError::Refused(words)) => Err(ApiError::refused(words)),
        Err(error) => Err(error.into()),
    }
}
