//! `GET /tickets/{id}`

use axum::http::Method;
use common::api::{OrderBody, OrderStatus, TicketBody};
use common::extract::PathId;
use common::id::Id;
use leptos::prelude::*;

use crate::failure::{Failure, Refusal, Service, Summary};
use crate::next::Next;
use crate::page::{Page, Session};
use crate::visitor::Visitor;

/// `GET /tickets/{id}`: a ticket to buy, or who holds it.
pub async fn page(visitor: Visitor, PathId(id): PathId) -> Result<Page, Failure> {
    ticket_page(&visitor, id, Refusal::default()).await
}

/// The ticket's page for this visitor.
pub async fn ticket_page(visitor: &Visitor, id: Id, refusal: Refusal) -> Result<Page, Failure> {
    let call = visitor.call(Method::GET, Service::Tickets, &format!("/api/tickets/{id}"));
    let ticket: TicketBody = call.read().await?;
    let state = state(visitor, &ticket).await;
    let content = view! {
        <h1>{ticket.title.clone()}</h1>
        <Summary messages=refusal.about_all_but(&[]) />
        <p class="amount">{ticket.price.to_string()}</p>
        {state}
    };
    Ok(visitor.page(ticket.title, content).status(refusal.status))
}

/// What the ticket is to the visitor, and what the visitor can do with it.
async fn state(visitor: &Visitor, ticket: &TicketBody) -> AnyView {
    let path = format!("/tickets/{}", ticket.id);
    let is_seller = visitor.is(ticket.user_id);
    let is_nobody = *visitor.session() == Session::Nobody;
    match ticket.order_id {
        None if is_seller => view! {
            <p class="state">"This is your ticket. It is for sale."</p>
            <p><a class="button" href=format!("{path}/edit")>"Edit"</a></p>
        }
        .into_any(),
        Some(_) if is_seller => {
            view! { <p class="state">"This is your ticket. It is reserved or sold, so it cannot be changed."</p> }
                .into_any()
        }
        None if is_nobody => {
            view! { <p><a class="button" href=Next::parse(&path).after("/auth/signin")>"Sign in to buy"</a></p> }
                .into_any()
        }
        None => view! {
            <form method="post" action=format!("{path}/buy")>
                <button>"Buy"</button>
            </form>
        }
        .into_any(),
        Some(order) => match own_order(visitor, order).await {
            Some(status) => {
                let verb = if status == OrderStatus::Complete { "bought" } else { "reserved" };
                view! {
                    <p class="state">{format!("You have {verb} this ticket.")}</p>
                    <p><a class="button" href=format!("/orders/{order}")>"Your order"</a></p>
                }
                .into_any()
            }
            None => view! { <p class="state">"This ticket is reserved or sold."</p> }.into_any(),
        },
    }
}

/// The status of an order that is the visitor's. The orders service shows it to nobody else, and while it is unavailable
/// the ticket is still not for sale.
async fn own_order(visitor: &Visitor, order: Id) -> Option<OrderStatus> {
    if *visitor.session() == Session::Nobody {
        return None;
    }
    let call = visitor.call(Method::GET, Service::Orders, &format!("/api/orders/{order}"));
    Some(call.read::<OrderBody>().await.ok()?.status)
}
