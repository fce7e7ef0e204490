//! `GET /tickets/new` and `POST /tickets/new`

use axum::http::Method;
use axum::response::{IntoResponse, Response};
use common::api::TicketBody;

use super::{TicketForm, form_page};
use crate::failure::{Failure, Refusal, Service};
use crate::forms::Form;
use crate::page::{Page, redirect};
use crate::visitor::SignedIn;

/// `GET /tickets/new`: the form.
pub async fn page(SignedIn(seller): SignedIn) -> Page {
    form_page(&seller, None, TicketForm::default(), Refusal::default())
}

/// `POST /tickets/new`: puts a ticket on sale.
pub async fn submit(SignedIn(seller): SignedIn, Form(form): Form<TicketForm>) -> Result<Response, Failure> {
    match seller.call(Method::POST, Service::Tickets, "/api/tickets").json(&form).read::<TicketBody>().await {
        Ok(ticket) => Ok(redirect(&format!("/tickets/{}", ticket.id))),
        Err(failure) => Ok(form_page(&seller, None, form, failure.refusal()?).into_response()),
    }
}
