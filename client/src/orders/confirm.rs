//! `GET /orders/{id}/confirm` and `POST /orders/{id}/confirm`

use std::time::Duration;

use axum::http::Method;
use axum::response::{IntoResponse, Response};
use common::api::OrderBody;
use common::extract::PathId;
use common::timestamp::Timestamp;
use serde::Deserialize;
use serde_json::json;

use super::confirmation::confirmation_page;
use super::note::{self, UNCONFIRMED};
use super::path;
use super::pay::pay;
use super::standing::Standing;
use crate::failure::{Failure, Service};
use crate::forms::Form;
use crate::page::redirect;
use crate::visitor::SignedIn;

/// How long the sandbox may take. The payment that follows has a limit of its own, and all together must stay below 15 s.
const CONFIRMATION_LIMIT: Duration = Duration::from_secs(1);

/// `GET /orders/{id}/confirm`: the page for a payment that the buyer's bank wants confirmed. Whoever comes back when it is paid or
/// over is led to the order.
pub async fn page(SignedIn(buyer): SignedIn, PathId(id): PathId) -> Result<Response, Failure> {
    let order: OrderBody = buyer.call(Method::GET, Service::Orders, &format!("/api/orders/{id}")).read().await?;
    let standing = Standing::of(&order, note::read(&buyer, note::PAID).map(Timestamp::from_millis), Timestamp::now());
    match (standing, note::read(&buyer, UNCONFIRMED)) {
        (Standing::Payable(_), Some(unconfirmed)) => {
            Ok(confirmation_page(&buyer, &order, standing, unconfirmed).into_response())
        }
        _ => Ok(redirect(&path(id))),
    }
}

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
        Err(failure) => Ok(note::refused(&buyer, id, &token, failure.refusal()?)),
    }
}
