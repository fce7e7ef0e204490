//! `GET /orders`

use axum::extract::State;
use leptos::prelude::*;

use crate::extract::After;
use crate::failure::Failure;
use crate::page::Page;
use crate::pages::orders::Orders;
use crate::state::Client;
use crate::visitor::SignedIn;

/// `GET /orders`: the visitor's own.
pub async fn page(
    State(client): State<Client>,
    SignedIn(buyer): SignedIn,
    After(after): After,
) -> Result<Page, Failure> {
    let orders = client.orders.index(&buyer, after).await?;
    Ok(buyer.page("My Orders", view! { <Orders orders is_first=after.is_none() /> }))
}
