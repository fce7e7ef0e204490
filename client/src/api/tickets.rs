//! What is for sale.

use axum::http::Method;
use common::api::TicketBody;
use common::id::Id;
use serde::{Deserialize, Serialize};

use crate::api::Service;
use crate::api::listed::{Listed, next_after, page_path};
use crate::failure::Failure;
use crate::visitor::Visitor;

/// The tickets service.
#[derive(Clone)]
pub struct TicketsApi(pub Service);

/// A ticket as its seller typed it. The tickets service says what is wrong with it.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize, Serialize)]
#[serde(default)]
pub struct TicketForm {
    /// What it is a ticket for.
    pub title: String,
    /// Dollars, such as `12.50`.
    pub price: String,
}

impl TicketsApi {
    /// `GET /api/tickets`
    ///
    /// # Errors
    /// What any answer but a success means to a page.
    pub async fn index(&self, visitor: &Visitor, after: Option<Id>) -> Result<Listed<TicketBody>, Failure> {
        let response = self.0.get(visitor, &page_path("/api/tickets", after)).await?;
        let next = next_after(response.headers());
        Ok(Listed { entries: self.0.read(response).await?, next })
    }

    /// `GET /api/tickets/{id}`
    ///
    /// # Errors
    /// What any answer but a success means to a page.
    pub async fn show(&self, visitor: &Visitor, id: Id) -> Result<TicketBody, Failure> {
        self.0.read(self.0.get(visitor, &format!("/api/tickets/{id}")).await?).await
    }

    /// `POST /api/tickets`
    ///
    /// # Errors
    /// What any answer but a success means to a page.
    pub async fn create(&self, visitor: &Visitor, ticket: &TicketForm) -> Result<TicketBody, Failure> {
        self.0.read(self.0.send_json(Method::POST, visitor, "/api/tickets", ticket).await?).await
    }

    /// `PUT /api/tickets/{id}`
    ///
    /// # Errors
    /// What any answer but a success means to a page.
    pub async fn update(&self, visitor: &Visitor, id: Id, ticket: &TicketForm) -> Result<TicketBody, Failure> {
        self.0.read(self.0.send_json(Method::PUT, visitor, &format!("/api/tickets/{id}"), ticket).await?).await
    }
}
