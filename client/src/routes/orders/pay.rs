//! `GET /orders/{id}/pay` and `POST /orders/{id}/pay`

use std::time::Duration;

use axum::extract::State;
use axum::response::{IntoResponse, Response};
use common::api::OrderStatus;
use common::id::Id;
use common::timestamp::Timestamp;
use serde::Deserialize;
use tokio::time::{sleep, timeout};

use super::show::show;
use crate::extract::{Form, PathId};
use crate::failure::Failure;
use crate::page::see;
use crate::pages::order::Standing;
use crate::state::Client;
use crate::visitor::{SignedIn, Visitor};

/// How long a buyer waits to see the order complete, before a page that says it is about to be.
const SETTLE_LIMIT: Duration = Duration::from_millis(1500);

/// The card to pay with.
#[derive(Default, Deserialize)]
#[serde(default)]
pub struct PaymentForm {
    /// A test token of the sandbox, or a payment method that Stripe's form made.
    token: String,
}

/// `GET /orders/{id}/pay`: back to the order, for who signed in on the way or entered a form's address.
pub async fn page(PathId(id): PathId) -> Response {
    see(&format!("/orders/{id}"))
}

/// `POST /orders/{id}/pay`: pays the order.
pub async fn submit(
    State(client): State<Client>,
    SignedIn(buyer): SignedIn,
    PathId(id): PathId,
    Form(form): Form<PaymentForm>,
) -> Result<Response, Failure> {
    match client.payments.pay(&buyer, id, &form.token).await {
        Ok(_) => {}
        Err(Failure::Refused(refusal)) => {
            let status = refusal.status;
            let order = client.orders.show(&buyer, id).await?;
            let standing = Standing::of(&order, false, Timestamp::now());
            let page = show(&client, &buyer, order, standing, form.token, refusal.into());
            return Ok(page.status(status).into_response());
        }
        Err(failure) => return Err(failure),
    }
    // The payment was taken, whatever the orders service is doing.
    let settled = timeout(SETTLE_LIMIT, is_settled(&client, &buyer, id)).await.unwrap_or(false);
    Ok(see(&if settled { format!("/orders/{id}") } else { format!("/orders/{id}?paid") }))
}

/// Whether the orders service has heard of the payment. It comes by an event, as a rule within milliseconds.
async fn is_settled(client: &Client, buyer: &Visitor, id: Id) -> bool {
    let mut pause = Duration::from_millis(10);
    loop {
        sleep(pause).await;
        match client.orders.show(buyer, id).await {
            Ok(order) if order.status == OrderStatus::Created => pause *= 2,
            Ok(_) => return true,
            Err(_) => return false,
        }
    }
}
