//! `GET /tickets/new` and `POST /tickets/new`

use axum::extract::State;
use axum::response::{IntoResponse, Response};
use leptos::prelude::*;

use crate::api::TicketForm;
use crate::extract::Form;
use crate::failure::Failure;
use crate::page::{Page, see};
use crate::pages::fields::Messages;
use crate::pages::ticket_form::TicketEditor;
use crate::state::Client;
use crate::visitor::{SignedIn, Visitor};

/// `GET /tickets/new`: the form.
pub async fn page(SignedIn(seller): SignedIn) -> Page {
    editor(&seller, TicketForm::default(), Messages::default())
}

/// `POST /tickets/new`: puts a ticket on sale.
pub async fn submit(
    State(client): State<Client>,
    SignedIn(seller): SignedIn,
    Form(form): Form<TicketForm>,
) -> Result<Response, Failure> {
    match client.tickets.create(&seller, &form).await {
        Ok(ticket) => Ok(see(&format!("/tickets/{}", ticket.id))),
        Err(Failure::Refused(refusal)) => {
            let status = refusal.status;
            Ok(editor(&seller, form, refusal.into()).status(status).into_response())
        }
        Err(failure) => Err(failure),
    }
}

fn editor(seller: &Visitor, ticket: TicketForm, messages: Messages) -> Page {
    let content = view! { <TicketEditor heading="Sell a ticket" action="/tickets/new".to_owned() button="Sell" ticket messages /> };
    seller.page("Sell a ticket", content)
}
