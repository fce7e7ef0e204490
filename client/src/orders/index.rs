//! `GET /orders`

use common::api::{OrderBody, OrderStatus};
use common::timestamp::Timestamp;
use leptos::prelude::*;

use super::time_left;
use crate::failure::{Failure, Service};
use crate::list::{After, Listed};
use crate::page::Page;
use crate::visitor::SignedIn;

/// `GET /orders`: the visitor's own.
pub async fn page(SignedIn(buyer): SignedIn, page: After) -> Result<Page, Failure> {
    let orders = Listed::<OrderBody>::read(&buyer, Service::Orders, "/api/orders", page).await?;
    let nothing =
        view! { <p>"You have not ordered anything yet. " <a href="/">"See what is for sale"</a></p> }.into_any();
    let list = orders.view("/orders", "orders", nothing, |order| {
        let state = state(&order);
        view! {
            <li>
                <a href=format!("/orders/{}", order.id)>{order.ticket.title}</a>
                <span class="state">{state}</span>
                <span class="price">{order.ticket.price.to_string()}</span>
            </li>
        }
    });
    Ok(buyer.page("My Orders", view! { <h1>"My Orders"</h1> {list} }))
}

fn state(order: &OrderBody) -> String {
    let left = order.expires_at.remaining(Timestamp::now());
    match order.status {
        OrderStatus::Complete => "Paid".to_owned(),
        OrderStatus::Cancelled => "Cancelled".to_owned(),
        OrderStatus::Created | OrderStatus::AwaitingPayment if left.is_zero() => "Time is over".to_owned(),
        OrderStatus::Created | OrderStatus::AwaitingPayment => format!("To be paid within {}", time_left(left)),
    }
}
