use axum::body::Bytes;
use axum::extract::State;
use axum::extract::rejection::BytesRejection;
use axum::http::{HeaderMap, StatusCode};
use common::contract::{Conflict, NotFound, Refused};
use common::error::ApiError;
use common::timestamp::Timestamp;
use serde::Deserialize;

use crate::state::Payments;

const SIGNATURE: &str = "stripe-signature";

/// An event of Stripe's.
#[derive(Deserialize)]
struct Event {
    #[serde(rename = "type")]
    kind: String,
    data: Data,
}

#[derive(Deserialize)]
struct Data {
    object: Object,
}

/// The object that an event is about: an intent, a refund, a dispute.
#[derive(Deserialize)]
struct Object {
    id: String,
    payment_intent: Option<String>,
    charge: Option<String>,
    reason: Option<String>,
    failure_reason: Option<String>,
}

impl Object {
    /// The intent of a refund or a dispute; a charge of the original has none.
    fn paid_by(&self) -> Option<&str> {
        self.payment_intent.as_deref().or(self.charge.as_deref())
    }
}

/// `POST /api/payments/webhook`: the provider says that something has happened. It proves that by a signature of the raw body, so
/// there is no session and no rule for JSON. It is a hint to look at the intent, never the truth: it may come twice, late, in any
/// order or not at all. 404 without STRIPE_WEBHOOK_SECRET.
#[utoipa::path(
    post, path = "/api/payments/webhook",
    params(("stripe-signature" = String, Header)),
    request_body = Object,
    responses((status = 200), Refused, NotFound, Conflict)
)]
pub async fn webhook(
    State(payments): State<Payments>,
    headers: HeaderMap,
    body: Result<Bytes, BytesRejection>,
) -> Result<StatusCode, ApiError> {
    let signature = payments.signature.as_ref().ok_or(ApiError::NotFound)?;
    let body = body.map_err(|rejection| match rejection.status() {
        StatusCode::PAYLOAD_TOO_LARGE => ApiError::TooLarge,
        _ => ApiError::refused("Body could not be read"),
    })?;
    let header = headers.get(SIGNATURE).and_then(|value| value.to_str().ok()).unwrap_or_default();
    if !signature.verifies(header, &body, Timestamp::now()) {
        return Err(ApiError::refused("Signature is invalid"));
    }
    match serde_json::from_slice(&body) {
        Ok(event) => handle(&payments, event).await?,
        // Another kind of object than those below. To refuse it would make Stripe send it again for three days.
        Err(error) => tracing::debug!(%error, "webhook ignored, its body is not that of an event"),
    }
    Ok(StatusCode::OK)
}

/// An error is answered, so that the provider sends the event again.
async fn handle(payments: &Payments, Event { kind, data: Data { object } }: Event) -> Result<(), ApiError> {
    const NO_REASON: &str = "no reason was given";
    match (kind.as_str(), object.paid_by()) {
        ("charge.dispute.created", Some(stripe_id)) => {
            payments.disputed(stripe_id, &object.id, object.reason.as_deref().unwrap_or(NO_REASON)).await
        }
        ("refund.failed", Some(stripe_id)) => {
            payments.refund_failed(stripe_id, object.failure_reason.as_deref().unwrap_or(NO_REASON)).await
        }
        ("refund.updated" | "charge.refunded", Some(stripe_id)) => payments.hint(stripe_id).await,
        (kind, _) if kind.starts_with("payment_intent.") => payments.hint(&object.id).await,
        _ => Ok(()),
    }
}
