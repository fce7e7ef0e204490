//! `GET /orders/{id}/cancel` and `POST /orders/{id}/cancel`

use axum::extract::State;
use axum::response::{IntoResponse, Response};
use common::timestamp::Timestamp;

use super::show::show;
use crate::extract::PathId;
use crate::failure::Failure;
use crate::page::see;
use crate::pages::order::Standing;
use crate::state::Client;
use crate::visitor::SignedIn;

/// `GET /orders/{id}/cancel`: back to the order, for who signed in on the way or entered a form's address.
pub async fn page(PathId(id): PathId) -> Response {
    see(&format!("/orders/{id}"))
}

/// `POST /orders/{id}/cancel`: gives the ticket back.
pub async fn submit(
    State(client): State<Client>,
    SignedIn(buyer): SignedIn,
    PathId(id): PathId,
) -> Result<Response, Failure> {
    match client.orders.cancel(&buyer, id).await {
        Ok(()) => Ok(see(&format!("/orders/{id}"))),
        Err(Failure::Refused(refusal)) => {
            let status = refusal.status;
            let order = client.orders.show(&buyer, id).await?;
            let standing = Standing::of(&order, false, Timestamp::now());
            let page = show(&client, &buyer, order, standing, String::new(), refusal.into());
            Ok(page.status(status).into_response())
        }
        Err(failure) => Err(failure),
    }
}
