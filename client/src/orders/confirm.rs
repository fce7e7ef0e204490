//! `POST /orders/{id}/confirm`

use std::time::Duration;

use axum::http::Method;
use axum::response::{IntoResponse, Response};
use common::extract::PathId;
use serde::Deserialize;
use serde_json::json;

use super::pay::pay;
use super::show::order_page;
use crate::failure::{Failure, Service};
use crate::forms::Form;
use crate::visitor::SignedIn;

/// How long the sandbox may take. The payment that follows has a limit of its own, and all together must stay below 15 s.
const CONFIRMATION_LIMIT: Duration = Duration::from_secs(1);

/// What the buyer decided in the page of the bank. The sandbox's page only: Stripe's script talks to Stripe.
#[derive(Default, Deserialize)]
#[serde(default)]
pub struct ConfirmationForm {
    token: String,
    client_secret: String,
    /// `yes`, or anything else.
    confirm: String,
}

/// `POST /orders/{id}/confirm`: tells the sandbox what the buyer decided, and then sends the same payment again.
pub async fn submit(
    SignedIn(buyer): SignedIn,
    PathId(id): PathId,
    Form(ConfirmationForm { token, client_secret, confirm }): Form<ConfirmationForm>,
) -> Result<Response, Failure> {
    let body = json!({"clientSecret": client_secret, "confirm": confirm == "yes"});
    let call = buyer.call(Method::POST, Service::Payments, "/api/payments/sandbox/confirm").timeout(CONFIRMATION_LIMIT);
    match call.json(&body).send().await {
        Ok(_) => pay(&buyer, id, &token).await,
        Err(failure) => Ok(order_page(&buyer, id, false, &token, failure.refusal()?).await?.into_response()),
    }
}
