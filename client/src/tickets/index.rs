//! `GET /`

use common::api::TicketBody;
use leptos::prelude::*;

use crate::failure::{Failure, Service};
use crate::list::{After, Listed};
use crate::page::Page;
use crate::visitor::Visitor;

/// `GET /`: the tickets that nobody has reserved.
pub async fn page(visitor: Visitor, page: After) -> Result<Page, Failure> {
    let tickets = Listed::<TicketBody>::read(&visitor, Service::Tickets, "/api/tickets", page).await?;
    let nothing = view! { <p>"Nothing is for sale at the moment."</p> }.into_any();
    let list = tickets.view("/", "tickets", nothing, |ticket| {
        view! {
            <li>
                <a href=format!("/tickets/{}", ticket.id)>{ticket.title}</a>
                <span class="price">{ticket.price.to_string()}</span>
            </li>
        }
    });
    Ok(visitor.page("Tickets for sale", view! { <h1>"Tickets for sale"</h1> {list} }))
}
