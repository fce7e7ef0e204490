//! One ticket, to buy or in its state.

use common::api::{OrderStatus, TicketBody};
use common::id::Id;
use leptos::prelude::*;

use super::fields::{Messages, Summary};
use crate::next::Next;

/// What a ticket is to the visitor.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Standing {
    /// It can be bought, after signing in when nobody is.
    ForSale {
        /// Whether somebody is, or may be.
        signed_in: bool,
    },
    /// The visitor sells it.
    Yours,
    /// The visitor's own order holds it.
    Ordered(Id, OrderStatus),
    /// Somebody else's order holds it. Which of the two is theirs to know.
    ReservedOrSold,
}

/// A ticket.
#[component]
pub fn Ticket(ticket: TicketBody, standing: Standing, #[prop(optional)] messages: Messages) -> impl IntoView {
    let page = format!("/tickets/{}", ticket.id);
    let reserved = ticket.order_id.is_some();
    let standing = match standing {
        Standing::ForSale { signed_in: true } => view! {
            <form method="post" action=format!("{page}/buy")>
                <button>"Buy"</button>
            </form>
        }
        .into_any(),
        Standing::ForSale { signed_in: false } => {
            view! { <p><a class="button" href=Next::parse(&page).after("/auth/signin")>"Sign in to buy"</a></p> }
                .into_any()
        }
        Standing::Yours if reserved => {
            view! { <p class="state">"This is your ticket. It is reserved or sold, so it cannot be changed."</p> }
                .into_any()
        }
        Standing::Yours => view! {
            <p class="state">"This is your ticket. It is for sale."</p>
            <p><a class="button" href=format!("{page}/edit")>"Edit"</a></p>
        }
        .into_any(),
        Standing::Ordered(order, status) => {
            let state = match status {
                OrderStatus::Complete => "You have bought this ticket.",
                _ => "You have reserved this ticket.",
            };
            view! {
                <p class="state">{state}</p>
                <p><a class="button" href=format!("/orders/{order}")>"Your order"</a></p>
            }
            .into_any()
        }
        Standing::ReservedOrSold => view! { <p class="state">"This ticket is reserved or sold."</p> }.into_any(),
    };
    view! {
        <h1>{ticket.title}</h1>
        <Summary messages=messages.besides(&[]) />
        <p class="amount">{ticket.price.to_string()}</p>
        {standing}
    }
}
