//! Selling and buying tickets.

pub mod buy;
pub mod edit;
pub mod file;
pub mod new;
pub mod offer;
pub mod report;
pub mod show;
pub mod withdraw;

mod form;
mod gone;
mod proposals;
pub mod similar;

use axum::http::Method;
use common::api::TicketBody;
use common::id::Id;

use crate::failure::{Failure, Service};
use crate::page::Session;
use crate::visitor::Visitor;

/// A listing as everybody sees it.
pub async fn read(visitor: &Visitor, id: Id) -> Result<TicketBody, Failure> {
    visitor.call(Method::GET, Service::Tickets, &format!("/api/tickets/{id}")).read().await
}

/// A listing of the visitor's own. While the auth service is unavailable, the service that is called decides whose it is.
async fn read_own(seller: &Visitor, id: Id) -> Result<TicketBody, Failure> {
    let ticket = read(seller, id).await?;
    if seller.is(ticket.user_id) || *seller.session() == Session::Unknown {
        Ok(ticket)
    } else {
        Err(Failure::NotAuthorized)
    }
}
