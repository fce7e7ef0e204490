//! The landing page: what is for sale.

use common::api::TicketBody;
use leptos::prelude::*;

use super::paging::Paging;
use crate::api::Listed;

/// A page of the tickets that nobody has reserved, newest first.
#[component]
pub fn Tickets(tickets: Listed<TicketBody>, is_first: bool) -> impl IntoView {
    let entries = tickets.entries.into_iter().map(|ticket| {
        view! {
            <li>
                <a href=format!("/tickets/{}", ticket.id)>{ticket.title}</a>
                <span class="price">{ticket.price.to_string()}</span>
            </li>
        }
    });
    let entries = match entries.len() {
        0 if is_first => view! { <p>"Nothing is for sale at the moment."</p> }.into_any(),
        0 => view! { <p>"There are no more tickets."</p> }.into_any(),
        _ => view! { <ul class="list">{entries.collect_view()}</ul> }.into_any(),
    };
    view! {
        <h1>"Tickets for sale"</h1>
        {entries}
        <Paging path="/" entries="tickets" is_first next=tickets.next />
    }
}
