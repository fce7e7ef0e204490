//! What was reserved.

use axum::http::Method;
use common::api::OrderBody;
use common::id::Id;
use serde_json::json;

use crate::api::Service;
use crate::api::listed::{Listed, next_after, page_path};
use crate::failure::Failure;
use crate::visitor::Visitor;

/// The orders service.
#[derive(Clone)]
pub struct OrdersApi(pub Service);

impl OrdersApi {
    /// `GET /api/orders`
    ///
    /// # Errors
    /// What any answer but a success means to a page.
    pub async fn index(&self, visitor: &Visitor, after: Option<Id>) -> Result<Listed<OrderBody>, Failure> {
        let response = self.0.get(visitor, &page_path("/api/orders", after)).await?;
        let next = next_after(response.headers());
        Ok(Listed { entries: self.0.read(response).await?, next })
    }

    /// `GET /api/orders/{id}`
    ///
    /// # Errors
    /// What any answer but a success means to a page.
    pub async fn show(&self, visitor: &Visitor, id: Id) -> Result<OrderBody, Failure> {
        self.0.read(self.0.get(visitor, &format!("/api/orders/{id}")).await?).await
    }

    /// `POST /api/orders`
    ///
    /// # Errors
    /// What any answer but a success means to a page.
    pub async fn create(&self, visitor: &Visitor, ticket: Id) -> Result<OrderBody, Failure> {
        self.0.read(self.0.send_json(Method::POST, visitor, "/api/orders", &json!({"ticketId": ticket})).await?).await
    }

    /// `DELETE /api/orders/{id}`
    ///
    /// # Errors
    /// What any answer but a success means to a page.
    pub async fn cancel(&self, visitor: &Visitor, id: Id) -> Result<(), Failure> {
        self.0.send(self.0.request(Method::DELETE, visitor, &format!("/api/orders/{id}"))).await.map(drop)
    }
}
