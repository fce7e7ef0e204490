//! `POST /tickets/{id}/buy`

use axum::http::Method;
use axum::response::{IntoResponse, Response};
use common::api::OrderBody;
use common::extract::PathId;
use serde_json::json;

use super::show::ticket_page;
use crate::failure::{Failure, Service};
use crate::page::redirect;
use crate::visitor::SignedIn;

/// `POST /tickets/{id}/buy`: reserves the ticket.
pub async fn submit(SignedIn(buyer): SignedIn, PathId(id): PathId) -> Result<Response, Failure> {
    let call = buyer.call(Method::POST, Service::Orders, "/api/orders");
    match call.json(&json!({"ticketId": id})).read::<OrderBody>().await {
        Ok(order) => Ok(redirect(&format!("/orders/{}", order.id))),
        Err(failure) => Ok(ticket_page(&buyer, id, failure.refusal()?).await?.into_response()),
    }
}
