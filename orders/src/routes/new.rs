use axum::extract::State;
use common::api::OrderBody;
use common::auth::CurrentUser;
use common::error::ApiError;
use common::extract::{Fields, Valid, ValidJson};
use common::id::Id;
use common::mongo::OnDuplicate;
use common::respond::Created;
use common::retry::wait_for;
use serde_json::Value;

use crate::models::order::Order;
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

/// `POST /api/orders`: reserves a ticket for the signed-in buyer.
pub async fn new(
    State(orders): State<Orders>,
    CurrentUser(buyer): CurrentUser,
    ValidJson(request): ValidJson<NewOrder>,
) -> Result<Created<OrderBody>, ApiError> {
    let ticket = wait_for(|| orders.tickets.find(request.ticket_id)).await?.ok_or(ApiError::NotFound)?;
    if ticket.seller == Some(buyer.id) {
        return Err(ApiError::refused("Cannot order your own ticket"));
    }
    let (order, created) = Order::reserve(&ticket, buyer.id, orders.window);
    orders.store.insert(&order, created).await.on_duplicate("Ticket is already reserved")?;
    Ok(Created(order.body(&ticket)))
}
