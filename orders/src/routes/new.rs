use axum::extract::State;
use common::api::OrderBody;
use common::auth::CurrentUser;
use common::error::ApiError;
use common::events::TICKET;
use common::extract::{Fields, Valid, ValidJson};
use common::id::Id;
use common::mongo::StoreError;
use common::replica;
use common::respond::Created;
use serde_json::Value;

use crate::models::order::Order;
use crate::models::orders as queries;
use crate::state::Orders;

/// The body of an order.
pub struct NewOrder {
    ticket_id: Id,
}

impl Valid for NewOrder {
    fn read(body: &mut Fields) -> Option<Self> {
        let ticket_id =
            |value: &Value| value.as_str().and_then(|text| text.parse().ok()).ok_or("Ticket ID must be provided");
        Some(Self { ticket_id: body.take("ticketId", ticket_id)? })
    }
}

/// How often an order is tried again because the one that held the ticket has just ended.
const TRIES: usize = 3;

/// `POST /api/orders`: reserves a ticket for the signed-in buyer. A buyer who has it reserved already gets that order again: the
/// answer may have been lost.
pub async fn new(
    State(orders): State<Orders>,
    CurrentUser(buyer): CurrentUser,
    ValidJson(request): ValidJson<NewOrder>,
) -> Result<Created<OrderBody>, ApiError> {
    let find = || orders.tickets.find(request.ticket_id);
    let ticket = replica::wait_for(&orders.broker, TICKET, request.ticket_id, find).await?;
    if ticket.seller == Some(buyer.id) {
        return Err(ApiError::refused("Cannot order your own ticket"));
    }
    for _ in 0..TRIES {
        let (order, created) = Order::reserve(&ticket, buyer.id, orders.window);
        match orders.store.insert(&order, created).await {
            Err(StoreError::Duplicate) => {}
            inserted => return inserted.map(|()| Created(order.body(Some(&ticket)))).map_err(ApiError::from),
        }
        match queries::live_of_ticket(&orders.store, ticket.id).await? {
            Some(own) if own.buyer() == buyer.id => return Ok(Created(own.body(Some(&ticket)))),
            Some(_) => break,
            None => {}
        }
    }
    Err(ApiError::refused("Ticket is already reserved"))
}
