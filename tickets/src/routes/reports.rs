use axum::extract::State;
use common::api::ReportedTicketBody;
use common::auth::Operator;
use common::contract::{NotFound, Refused};
use common::error::ApiError;
use common::mongo::Aggregate;
use common::page::{Listed, Page, Sort};
use common::timestamp::Timestamp;
use futures::future::try_join_all;

use crate::models::ticket::Ticket;
use crate::models::tickets as queries;
use crate::state::Tickets;

/// `GET /api/tickets/reports`: for operators, the tickets that visitors have reported, the latest report first.
#[utoipa::path(
    get, path = "/api/tickets/reports",
    params(Page),
    responses((status = 200, body = [ReportedTicketBody], headers(("Link"))), Refused, NotFound),
    security(("session" = []))
)]
pub async fn reports(
    State(tickets): State<Tickets>,
    _: Operator,
    page: Page,
) -> Result<Listed<ReportedTicketBody>, ApiError> {
    let page = Page { sort: Sort::Newest, ..page };
    let found = queries::reported(&tickets.store, page).await?;
    let ids = found.iter().filter_map(Ticket::reported).collect();
    let with_reports = async |ticket: Ticket| {
        let reports = tickets.reports.open(ticket.id()).await?;
        Ok::<_, ApiError>(ReportedTicketBody { listing: ticket.own_body(Timestamp::now()), reports })
    };
    let entries = try_join_all(found.into_iter().map(with_reports)).await?;
    Ok(Listed { path: "/api/tickets/reports", page, entries, ids })
}
