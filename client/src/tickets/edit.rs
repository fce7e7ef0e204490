//! `GET /tickets/{id}/edit` and `POST /tickets/{id}/edit`

use axum::http::Method;
use axum::response::{IntoResponse, Response};
use common::api::TicketBody;
use common::extract::PathId;

use super::form::{FormOf, ListingForm, form_page};
use super::read_own;
use crate::done::Done;
use crate::failure::{Failure, Refusal, Service};
use crate::forms::FormWithFile;
use crate::page::redirect;
use crate::visitor::SignedIn;

/// `GET /tickets/{id}/edit`: the form, for the seller of a ticket that nobody has reserved.
pub async fn page(SignedIn(seller): SignedIn, PathId(id): PathId) -> Result<Response, Failure> {
    let ticket = read_own(&seller, id).await?;
    if ticket.order_id.is_some() {
        return Ok(redirect(&format!("/tickets/{id}")));
    }
    let form = ListingForm::of(&ticket, seller.language());
    Ok(form_page(&seller, of(&ticket), form, Refusal::default(), false).into_response())
}

/// `POST /tickets/{id}/edit`: changes what the listing says.
pub async fn submit(
    SignedIn(seller): SignedIn,
    PathId(id): PathId,
    FormWithFile { fields: form, .. }: FormWithFile<ListingForm>,
) -> Result<Response, Failure> {
    let refusal = if form.is_preview() {
        Refusal::default()
    } else {
        let call = seller.call(Method::PUT, Service::Tickets, &format!("/api/tickets/{id}"));
        match call.json(&form.body(seller.language())).read::<TicketBody>().await {
            Ok(_) => return Ok(seller.lead(Done::ListingSaved, &format!("/tickets/{id}"))),
            Err(failure) => failure.refusal()?,
        }
    };
    let ticket = read_own(&seller, id).await?;
    Ok(form_page(&seller, of(&ticket), form, refusal, false).into_response())
}

fn of(ticket: &TicketBody) -> FormOf {
    FormOf::Old { id: ticket.id, event: ticket.event.unwrap_or(ticket.id), has_file: ticket.has_file }
}
