use std::collections::{HashMap, HashSet};

use axum::extract::State;
use common::api::OrderBody;
use common::auth::CurrentUser;
use common::error::ApiError;
use common::events::TICKET;
use common::id::Id;
use common::mongo::Aggregate;
use common::page::{Listed, Page};
use common::replica;
use futures::future::join_all;

use crate::models::order::Order;
use crate::models::orders;
use crate::models::ticket::Ticket;
use crate::state::Orders;

/// `GET /api/orders`: the buyer's own orders, each with its ticket.
pub async fn index(
    State(state): State<Orders>,
    CurrentUser(buyer): CurrentUser,
    page: Page,
) -> Result<Listed<OrderBody>, ApiError> {
    let found = orders::of_buyer(&state.store, buyer.id, page).await?;
    let tickets = state.tickets.find_all(found.iter().map(Order::ticket)).await?;
    let tickets: HashMap<Id, Ticket> = tickets.into_iter().map(|ticket| (ticket.id, ticket)).collect();
    let unknown = found.iter().map(Order::ticket).filter(|ticket| !tickets.contains_key(ticket));
    let unknown: HashSet<Id> = unknown.collect();
    join_all(unknown.into_iter().map(|ticket| replica::request_state(&state.broker, TICKET, ticket))).await;
    let entries = found.iter().map(|order| order.body(tickets.get(&order.ticket()))).collect();
    Ok(Listed { path: "/api/orders", page, entries, ids: found.iter().map(Order::id).collect() })
}
