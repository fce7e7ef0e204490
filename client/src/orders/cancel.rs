//! `POST /orders/{id}/cancel`

use axum::http::Method;
use axum::response::Response;
use common::extract::PathId;

use super::{note, path};
use crate::failure::{Failure, Service};
use crate::page::redirect;
use crate::visitor::SignedIn;

/// `POST /orders/{id}/cancel`: gives the ticket back.
pub async fn submit(SignedIn(buyer): SignedIn, PathId(id): PathId) -> Result<Response, Failure> {
    match buyer.call(Method::DELETE, Service::Orders, &format!("/api/orders/{id}")).send().await {
        Ok(_) => Ok(redirect(&path(id))),
        Err(failure) => Ok(note::refused(&buyer, id, "", failure.refusal()?)),
    }
}
