//! The visitor's orders.

use common::api::{OrderBody, OrderStatus};
use common::timestamp::Timestamp;
use leptos::prelude::*;

use super::order::time_left;
use super::paging::Paging;
use crate::api::Listed;

/// A page of the visitor's orders, newest first.
#[component]
pub fn Orders(orders: Listed<OrderBody>, is_first: bool) -> impl IntoView {
    let now = Timestamp::now();
    let entries = orders.entries.into_iter().map(|order| {
        let state = state(&order, now);
        view! {
            <li>
                <a href=format!("/orders/{}", order.id)>{order.ticket.title}</a>
                <span class="state">{state}</span>
                <span class="price">{order.ticket.price.to_string()}</span>
            </li>
        }
    });
    let entries = match entries.len() {
        0 if is_first => {
            view! { <p>"You have not ordered anything yet. " <a href="/">"See what is for sale"</a></p> }.into_any()
        }
        0 => view! { <p>"There are no more orders."</p> }.into_any(),
        _ => view! { <ul class="list">{entries.collect_view()}</ul> }.into_any(),
    };
    view! {
        <h1>"My Orders"</h1>
        {entries}
        <Paging path="/orders" entries="orders" is_first next=orders.next />
    }
}

fn state(order: &OrderBody, now: Timestamp) -> String {
    match order.status {
        OrderStatus::Created | OrderStatus::AwaitingPayment => {
            let left = order.expires_at.remaining(now);
            if left.is_zero() { "Time is over".to_owned() } else { format!("To be paid within {}", time_left(left)) }
        }
        OrderStatus::Complete => "Paid".to_owned(),
        OrderStatus::Cancelled => "Cancelled".to_owned(),
    }
}
