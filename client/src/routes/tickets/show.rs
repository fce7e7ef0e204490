//! `GET /tickets/{id}`

use axum::extract::State;
use common::api::TicketBody;
use leptos::prelude::*;

use crate::extract::PathId;
use crate::failure::Failure;
use crate::page::Page;
use crate::pages::fields::Messages;
use crate::pages::ticket::{Standing, Ticket};
use crate::state::Client;
use crate::visitor::{Session, Visitor};

/// `GET /tickets/{id}`: a ticket, to buy or in its state.
pub async fn page(State(client): State<Client>, visitor: Visitor, PathId(id): PathId) -> Result<Page, Failure> {
    let ticket = client.tickets.show(&visitor, id).await?;
    Ok(show(&client, &visitor, ticket, Messages::default()).await)
}

/// The ticket's page for this visitor.
pub async fn show(client: &Client, visitor: &Visitor, ticket: TicketBody, messages: Messages) -> Page {
    let standing = standing(client, visitor, &ticket).await;
    visitor.page(ticket.title.clone(), view! { <Ticket ticket standing messages /> })
}

async fn standing(client: &Client, visitor: &Visitor, ticket: &TicketBody) -> Standing {
    let signed_in = *visitor.session() != Session::Nobody;
    match ticket.order_id {
        _ if visitor.is(ticket.user_id) => Standing::Yours,
        None => Standing::ForSale { signed_in },
        // Only its buyer can read an order. While orders are away, the ticket is still not for sale.
        Some(order) if signed_in => match client.orders.show(visitor, order).await {
            Ok(order) => Standing::Ordered(order.id, order.status),
            Err(_) => Standing::ReservedOrSold,
        },
        Some(_) => Standing::ReservedOrSold,
    }
}
