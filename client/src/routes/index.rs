//! `GET /`

use axum::extract::State;
use leptos::prelude::*;

use crate::extract::After;
use crate::failure::Failure;
use crate::page::Page;
use crate::pages::tickets::Tickets;
use crate::state::Client;
use crate::visitor::Visitor;

/// `GET /`: the tickets that nobody has reserved.
pub async fn page(State(client): State<Client>, visitor: Visitor, After(after): After) -> Result<Page, Failure> {
    let tickets = client.tickets.index(&visitor, after).await?;
    Ok(visitor.page("Tickets for sale", view! { <Tickets tickets is_first=after.is_none() /> }))
}
