//! `GET /tickets/{id}/edit` and `POST /tickets/{id}/edit`

use axum::extract::State;
use axum::response::{IntoResponse, Response};
use common::id::Id;
use leptos::prelude::*;

use crate::api::TicketForm;
use crate::extract::{Form, PathId};
use crate::failure::Failure;
use crate::page::{Page, see};
use crate::pages::fields::Messages;
use crate::pages::ticket_form::TicketEditor;
use crate::state::Client;
use crate::visitor::{Session, SignedIn, Visitor};

/// `GET /tickets/{id}/edit`: the form, for the seller of a ticket that nobody holds.
pub async fn page(
    State(client): State<Client>,
    SignedIn(seller): SignedIn,
    PathId(id): PathId,
) -> Result<Response, Failure> {
    let ticket = client.tickets.show(&seller, id).await?;
    if !seller.is(ticket.user_id) && *seller.session() != Session::Unknown {
        return Err(Failure::NotAuthorized);
    }
    if ticket.order_id.is_some() {
        return Ok(see(&format!("/tickets/{id}")));
    }
    let price = ticket.price.to_string().trim_start_matches('$').to_owned();
    let form = TicketForm { title: ticket.title, price };
    Ok(editor(&seller, id, form, Messages::default()).into_response())
}

/// `POST /tickets/{id}/edit`: changes title and price.
pub async fn submit(
    State(client): State<Client>,
    SignedIn(seller): SignedIn,
    PathId(id): PathId,
    Form(form): Form<TicketForm>,
) -> Result<Response, Failure> {
    match client.tickets.update(&seller, id, &form).await {
        Ok(_) => Ok(see(&format!("/tickets/{id}"))),
        Err(Failure::Refused(refusal)) => {
            let status = refusal.status;
            Ok(editor(&seller, id, form, refusal.into()).status(status).into_response())
        }
        Err(failure) => Err(failure),
    }
}

fn editor(seller: &Visitor, id: Id, ticket: TicketForm, messages: Messages) -> Page {
    let action = format!("/tickets/{id}/edit");
    seller.page(
        "Edit your ticket",
        view! { <TicketEditor heading="Edit your ticket" action button="Save" ticket messages /> },
    )
}
