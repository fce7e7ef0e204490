use axum::extract::State;
use common::answers::JsonAnswer;
use common::api::TicketBody;
use common::contract::Refused;
use common::error::ApiError;
use common::mongo::Aggregate;
use common::page::link;

use super::query::{ListQuery, Sent};
use crate::models::ticket::Ticket;
use crate::models::tickets as queries;
use crate::state::Tickets;

const PATH: &str = "/api/tickets";

/// `GET /api/tickets`: the tickets that nobody has reserved and whose event has not begun, all of them or those that match.
#[utoipa::path(
    get, path = "/api/tickets",
    params(Sent),
    responses((status = 200, body = [TicketBody], headers(("ETag"), ("Link"))), (status = 304), Refused)
)]
pub async fn index(State(tickets): State<Tickets>, list: ListQuery) -> Result<JsonAnswer, ApiError> {
    let read = async || {
        let after = list.after.as_deref();
        let found = queries::for_sale(&tickets.store, &list.filters, list.sort, after, list.limit).await?;
        let ids: Vec<_> = found.iter().map(Aggregate::id).collect();
        let next = found.last().filter(|_| found.len() == list.limit).map(|last| list.after_ticket(&ids, last));
        let entries: Vec<_> = found.into_iter().map(Ticket::body).collect();
        JsonAnswer::new(&entries, next.map(|after| link(PATH, &list.query, &after)))
    };
    tickets.answers.get(&format!("{PATH}?{}", list.query), read).await
}
