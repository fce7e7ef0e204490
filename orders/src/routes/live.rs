use axum::extract::State;
use common::auth::Carried;
use common::contract::{NotAuthorized, NotFound};
use common::error::ApiError;
use common::extract::PathId;
use common::id::Id;
use common::live::Connection;

use crate::live::frame;
use crate::state::Orders;

/// `GET /api/orders/:id/live`: one of the buyer's own orders (`order`), as it is now and whenever it changes, as long
/// as the session lasts.
#[utoipa::path(
    get, path = "/api/orders/{id}/live",
    params(("id" = Id, Path)),
    responses((status = 200, body = String, content_type = "text/event-stream"), NotAuthorized, NotFound),
    security(("session" = []))
)]
pub async fn live(
    State(orders): State<Orders>,
    Carried { claims, .. }: Carried,
    PathId(id): PathId,
) -> Result<Connection, ApiError> {
    // Before the order is read: what changes it from here on is told.
    let connection = Connection::open(&orders.live, Some(id), None)?;
    let order = orders.store.find(id).await?.ok_or(ApiError::NotFound)?;
    order.check_buyer(claims.session.id)?;
    let ticket = orders.tickets.find(order.ticket()).await?;
    Ok(connection.first(&frame(&order, ticket.as_ref())?).within(orders.sessions.ended(), claims))
}
