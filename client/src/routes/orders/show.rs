//! `GET /orders/{id}`

use axum::extract::{RawQuery, State};
use common::api::OrderBody;
use common::timestamp::Timestamp;
use leptos::prelude::*;

use crate::assets::{CARD_FORM, TIME_LEFT};
use crate::extract::PathId;
use crate::failure::Failure;
use crate::page::Page;
use crate::pages::fields::Messages;
use crate::pages::order::{Order, Standing};
use crate::state::{Cards, Client};
use crate::visitor::{SignedIn, Visitor};

/// `GET /orders/{id}`: an order to pay, or how it ended. `?paid` says that its payment was just taken.
pub async fn page(
    State(client): State<Client>,
    SignedIn(buyer): SignedIn,
    PathId(id): PathId,
    RawQuery(query): RawQuery,
) -> Result<Page, Failure> {
    let order = client.orders.show(&buyer, id).await?;
    let standing = Standing::of(&order, query.as_deref() == Some("paid"), Timestamp::now());
    Ok(show(&client, &buyer, order, standing, String::new(), Messages::default()))
}

/// The order's page for its buyer.
pub fn show(
    client: &Client,
    buyer: &Visitor,
    order: OrderBody,
    standing: Standing,
    token: String,
    messages: Messages,
) -> Page {
    let title = format!("Order: {}", order.ticket.title);
    let here = match standing {
        Standing::Completing => format!("/orders/{}?paid", order.id),
        _ => format!("/orders/{}", order.id),
    };
    let cards = client.cards.clone();
    let page = buyer.page(title, view! { <Order order standing cards token messages /> });
    let page = match (standing, &client.cards) {
        (Standing::Payable(_), Cards::Sandbox) => page.module(&TIME_LEFT),
        (Standing::Payable(_), Cards::Stripe(_)) => page.module(&TIME_LEFT).module(&CARD_FORM).with_stripe(),
        _ => page,
    };
    match standing.stands_for() {
        Some(wait) => page.refresh(wait, here),
        None => page,
    }
}
