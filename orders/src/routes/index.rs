use common::contract::{NotAuthorized, Refused};
use std::collections::{HashMap, HashSet};
use utoipa::IntoParams;

use axum::extract::{FromRequestParts, Query, State};
use axum::http::request::Parts;
use common::api::OrderBody;
use common::auth::CurrentUser;
use common::error::ApiError;
use common::events::TICKET;
use common::id::Id;
use common::mongo::Aggregate;
use common::page::{Listed, Page};
use common::replica;
use futures::future::join_all;
use serde::Deserialize;

use crate::models::order::Order;
use crate::models::orders::{self, Which};
use crate::models::ticket::Ticket;
use crate::state::Orders;

/// The query as it was sent.
#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
struct Sent {
    /// `open`: those that can still be paid.
    #[param(value_type = String, required = false, pattern = "^open$")]
    status: Option<String>,
}

impl<S: Send + Sync> FromRequestParts<S> for Which {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, ApiError> {
        let sent = Query::<Sent>::from_request_parts(parts, state).await;
        match sent.map_err(|_| ApiError::refused("Query is malformed"))?.status.as_deref() {
            None => Ok(Self::All),
            Some("open") => Ok(Self::Open),
            Some(_) => Err(ApiError::invalid("status", "Status must be open")),
        }
    }
}

/// `GET /api/orders`: the buyer's own orders, each with its ticket. With `?status=open` those that can still be paid.
#[utoipa::path(
    get, path = "/api/orders",
    params(Sent, Page),
    responses((status = 200, body = [OrderBody], headers(("Link"))), Refused, NotAuthorized),
    security(("session" = []))
)]
pub async fn index(
    State(state): State<Orders>,
    CurrentUser(buyer): CurrentUser,
    which: Which,
    page: Page,
) -> Result<Listed<OrderBody>, ApiError> {
    let found = match which {
        Which::Open if state.nothing_open.is_known(buyer.id) => Vec::new(),
        _ => orders::of_buyer(&state.store, buyer.id, which, page).await?,
    };
    if which == Which::Open && found.is_empty() && page.after.is_none() {
        state.nothing_open.is_seen(buyer.id);
    }
    let tickets = state.tickets.find_all(found.iter().map(Order::ticket)).await?;
    let tickets: HashMap<Id, Ticket> = tickets.into_iter().map(|ticket| (ticket.id, ticket)).collect();
    let unknown = found.iter().map(Order::ticket).filter(|ticket| !tickets.contains_key(ticket));
    let unknown: HashSet<Id> = unknown.collect();
    join_all(unknown.into_iter().map(|ticket| replica::request_state(&state.broker, TICKET, ticket))).await;
    let entries = found.iter().map(|order| order.body(tickets.get(&order.ticket()))).collect();
    let path = match which {
        Which::All => "/api/orders",
        Which::Open => "/api/orders?status=open",
    };
    Ok(Listed { path, page, entries, ids: found.iter().map(Order::id).collect() })
}
