//! `POST /operator/tickets/{id}/dismiss`

use axum::http::Method;
use axum::response::Response;
use common::extract::PathId;

use super::Operator;
use crate::failure::{Failure, Service};
use crate::page::redirect;

/// `POST /operator/tickets/{id}/dismiss`: nothing is wrong with the listing, and its reports are not shown any more.
pub async fn submit(Operator(operator): Operator, PathId(id): PathId) -> Result<Response, Failure> {
    match operator.call(Method::DELETE, Service::Tickets, &format!("/api/tickets/{id}/reports")).send().await {
        Ok(_) | Err(Failure::NotFound) => Ok(redirect("/operator")),
        Err(failure) => Err(failure),
    }
}
