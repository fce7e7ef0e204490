use axum::extract::State;
use common::api::OwnTicketBody;
use common::auth::CurrentUser;
use common::contract::{NotAuthorized, Refused};
use common::error::ApiError;
use common::mongo::Aggregate;
use common::page::{Listed, Page, Sort};
use common::timestamp::Timestamp;

use crate::models::ticket::Ticket;
use crate::models::tickets as queries;
use crate::state::Tickets;

/// `GET /api/tickets/mine`: the seller's own tickets with their state, the newest first.
#[utoipa::path(
    get, path = "/api/tickets/mine",
    params(Page),
    responses((status = 200, body = [OwnTicketBody], headers(("Link"))), Refused, NotAuthorized),
    security(("session" = []))
)]
pub async fn mine(
    State(tickets): State<Tickets>,
    CurrentUser(seller): CurrentUser,
    page: Page,
) -> Result<Listed<OwnTicketBody>, ApiError> {
    let page = Page { sort: Sort::Newest, ..page };
    let found = queries::of_seller(&tickets.store, seller.id, page).await?;
    let (ids, now) = (found.iter().map(Aggregate::id).collect(), Timestamp::now());
    let entries = found.into_iter().map(|ticket: Ticket| ticket.own_body(now)).collect();
    Ok(Listed { path: "/api/tickets/mine", page, entries, ids })
}
