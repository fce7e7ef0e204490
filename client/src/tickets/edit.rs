//! `GET /tickets/{id}/edit` and `POST /tickets/{id}/edit`

use axum::http::Method;
use axum::response::{IntoResponse, Response};
use common::api::TicketBody;
use common::extract::PathId;

use super::{TicketForm, form_page};
use crate::failure::{Failure, Refusal, Service};
use crate::forms::Form;
use crate::page::{Session, redirect};
use crate::visitor::SignedIn;

/// `GET /tickets/{id}/edit`: the form, for the seller of a ticket that nobody has reserved.
pub async fn page(SignedIn(seller): SignedIn, PathId(id): PathId) -> Result<Response, Failure> {
    let call = seller.call(Method::GET, Service::Tickets, &format!("/api/tickets/{id}"));
    let ticket: TicketBody = call.read().await?;
    if !seller.is(ticket.user_id) && *seller.session() != Session::Unknown {
        return Err(Failure::NotAuthorized);
    }
    if ticket.order_id.is_some() {
        return Ok(redirect(&format!("/tickets/{id}")));
    }
    let price = ticket.price.to_string().trim_start_matches('$').to_owned();
    let form = TicketForm { title: ticket.title, price };
    Ok(form_page(&seller, Some(id), form, Refusal::default()).into_response())
}

/// `POST /tickets/{id}/edit`: changes title and price.
pub async fn submit(
    SignedIn(seller): SignedIn,
    PathId(id): PathId,
    Form(form): Form<TicketForm>,
) -> Result<Response, Failure> {
    let call = seller.call(Method::PUT, Service::Tickets, &format!("/api/tickets/{id}"));
    match call.json(&form).read::<TicketBody>().await {
        Ok(_) => Ok(redirect(&format!("/tickets/{id}"))),
        Err(failure) => Ok(form_page(&seller, Some(id), form, failure.refusal()?).into_response()),
    }
}
