//! `POST /orders/{id}/pay`

use std::time::Duration;

use axum::http::Method;
use axum::response::Response;
use common::api::{OrderBody, OrderStatus, PaymentBody};
use common::extract::PathId;
use common::id::Id;
use common::retry::wait_for;
use serde::Deserialize;
use serde_json::json;
use tokio::time::timeout;

use super::{note, path};
use crate::failure::{Failure, Service};
use crate::forms::Form;
use crate::page::redirect;
use crate::visitor::{SignedIn, Visitor};

/// How long a payment may take: the payments service waits up to 2 s for the order's event, and as a rule for far less than 10 s
/// for the card's bank. With what comes before and after, it stays below the 15 s in which a request is answered.
const PAYMENT_LIMIT: Duration = Duration::from_secs(11);

/// How long a buyer waits to see the order complete, before a page that says it is about to be.
const COMPLETE_LIMIT: Duration = Duration::from_millis(1500);

/// The card to pay with.
#[derive(Default, Deserialize)]
#[serde(default)]
pub struct PaymentForm {
    /// A test token of the sandbox, or a payment method that Stripe's form made.
    token: String,
}

/// `POST /orders/{id}/pay`: pays the order.
pub async fn submit(
    SignedIn(buyer): SignedIn,
    PathId(id): PathId,
    Form(PaymentForm { token }): Form<PaymentForm>,
) -> Result<Response, Failure> {
    pay(&buyer, id, &token).await
}

/// Pays the order with this card, and leads to the order's page or to the bank's confirmation. Every answer is a redirect: a page
/// that is loaded again does not pay again, and the way back does not lead to a form that was sent.
pub async fn pay(buyer: &Visitor, id: Id, token: &str) -> Result<Response, Failure> {
    let call = buyer.call(Method::POST, Service::Payments, "/api/payments").timeout(PAYMENT_LIMIT);
    match call.json(&json!({"orderId": id, "token": token})).read::<PaymentBody>().await {
        // The payment was taken, whatever the orders service answers.
        Ok(_) => match timeout(COMPLETE_LIMIT, completion(buyer, id)).await {
            Ok(Ok(Some(()))) => Ok(redirect(&path(id))),
            _ => Ok(note::taken(buyer, id)),
        },
        Err(failure) => {
            let mut refusal = failure.refusal()?;
            Ok(match refusal.client_secret.take() {
                Some(secret) => note::unconfirmed(buyer, id, token, secret),
                None => note::refused(buyer, id, token, refusal),
            })
        }
    }
}

/// Waits until the orders service has handled the payment's event, as a rule for some milliseconds.
async fn completion(buyer: &Visitor, id: Id) -> Result<Option<()>, Failure> {
    let api_path = format!("/api/orders/{id}");
    wait_for(async || {
        let order: OrderBody = buyer.call(Method::GET, Service::Orders, &api_path).read().await?;
        Ok((order.status != OrderStatus::Created).then_some(()))
    })
    .await
}
