use axum::extract::State;
use common::api::TicketBody;
use common::error::ApiError;
use common::mongo::Aggregate;
use common::page::Searched;

use super::query::ListQuery;
use crate::models::ticket::Ticket;
use crate::models::tickets as queries;
use crate::state::Tickets;

/// `GET /api/tickets`: the tickets that nobody has reserved and whose event has not begun, all of them or those that match.
pub async fn index(State(tickets): State<Tickets>, list: ListQuery) -> Result<Searched<TicketBody>, ApiError> {
    let after = list.after.as_deref();
    let found = queries::for_sale(&tickets.store, &list.filters, list.sort, after, list.limit).await?;
    let ids: Vec<_> = found.iter().map(Aggregate::id).collect();
    let next = found.last().filter(|_| found.len() == list.limit).map(|last| list.after_ticket(&ids, last));
    let entries = found.into_iter().map(Ticket::body).collect();
    Ok(Searched { path: "/api/tickets", query: list.query, entries, next })
}
