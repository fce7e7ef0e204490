use axum::extract::State;
use common::api::OrderBody;
use common::auth::CurrentUser;
use common::contract::{Conflict, NotAuthorized, NotFound, Refused};
use common::error::ApiError;
use common::events::TICKET;
use common::extract::{Fields, Valid, ValidJson};
use common::id::Id;
use common::mongo::StoreError;
use common::replica;
use common::respond::Created;
use serde_json::Value;
use utoipa::ToSchema;

use crate::models::order::Order;
use crate::models::orders as queries;
use crate::models::ticket::Ticket;
use crate::rush::RESERVED;
use crate::state::Orders;

/// The body of an order.
#[derive(ToSchema)]
#[schema(rename_all = "camelCase")]
pub struct NewOrder {
    ticket_id: Id,
    /// The version of the ticket that the buyer saw.
    #[schema(minimum = 0)]
    version: Option<i32>,
}

impl Valid for NewOrder {
    fn read(body: &mut Fields) -> Option<Self> {
        let ticket_id =
            |value: &Value| value.as_str().and_then(|text| text.parse().ok()).ok_or("Ticket ID must be provided");
        let ticket_id = body.take("ticketId", ticket_id);
        let version = body.take("version", version);
        Some(Self { ticket_id: ticket_id?, version: version? })
    }
}

/// A version as a request gives it, or none.
fn version(value: &Value) -> Result<Option<i32>, &'static str> {
    let version = value.as_i64().and_then(|version| i32::try_from(version).ok()).filter(|version| *version >= 0);
    if value.is_null() || version.is_some() { Ok(version) } else { Err("Version must be a whole number") }
}

/// How often an order is tried because the one that held the ticket has just ended, or another of the buyer's took the slot.
const TRIES: usize = 16;

/// `POST /api/orders`: reserves a ticket for the signed-in buyer. A buyer who has it reserved already gets that order again,
/// whatever has become of the ticket since: the answer may have been lost.
#[utoipa::path(
    post, path = "/api/orders",
    request_body = NewOrder,
    responses((status = 201, body = OrderBody), Refused, NotAuthorized, NotFound, Conflict),
    security(("session" = []))
)]
pub async fn new(
    State(orders): State<Orders>,
    CurrentUser(buyer): CurrentUser,
    ValidJson(request): ValidJson<NewOrder>,
) -> Result<Created<OrderBody>, ApiError> {
    // Only to spare the database: the index decides.
    if let Some(refusal) = orders.rush.refusal(request.ticket_id, buyer.id) {
        return Err(refusal);
    }
    let refusal = match find_on_sale(&orders, buyer.id, &request).await {
        Ok(ticket) => return reserve_in_turn(&orders, &ticket, buyer.id).await,
        Err(refusal) => refusal,
    };
    match queries::live_of_ticket(&orders.store, request.ticket_id).await? {
        Some(own) if own.buyer() == buyer.id => {
            Ok(Created(own.body(orders.tickets.find(request.ticket_id).await?.as_ref())))
        }
        // Another's order has changed the ticket: the buyer need not look at it again.
        Some(_) if matches!(refusal, ApiError::Changed(_)) => Err(ApiError::refused(RESERVED)),
        _ => Err(refusal),
    }
}

/// The ticket, if this buyer may order it as it is. One that is not known, or not at the version that the buyer saw, is waited for.
async fn find_on_sale(orders: &Orders, buyer: Id, request: &NewOrder) -> Result<Ticket, ApiError> {
    let id = request.ticket_id;
    let is_seen = |ticket: &Ticket| ticket.deleted || request.version.is_none_or(|version| version <= ticket.version);
    let find_seen = || async { Ok::<_, StoreError>(orders.tickets.find(id).await?.filter(is_seen)) };
    let ticket = match replica::wait_for(&orders.broker, TICKET, id, find_seen).await {
        // It may be known, and older than what the buyer says to have seen.
        Err(ApiError::NotFound) => orders.tickets.find(id).await?.ok_or(ApiError::NotFound)?,
        found => found?,
    };
    ticket.check_sale_to(buyer)?;
    if request.version.is_some_and(|version| version != ticket.version) {
        return Err(ApiError::Changed("The ticket has changed"));
    }
    Ok(ticket)
}

/// Stores the order when it is its turn. Most of those who waited are refused by what became known meanwhile.
async fn reserve_in_turn(orders: &Orders, ticket: &Ticket, buyer: Id) -> Result<Created<OrderBody>, ApiError> {
    let _turn = orders.rush.turn(ticket.id).await?;
    if let Some(refusal) = orders.rush.refusal(ticket.id, buyer) {
        return Err(refusal);
    }
    reserve(orders, ticket, buyer).await
}

/// Stores the order. Of two indexes one lets one order have the ticket, the other one order have the slot. Whatever is said against the
/// order, the buyer who has the ticket already is answered with that one.
async fn reserve(orders: &Orders, ticket: &Ticket, buyer: Id) -> Result<Created<OrderBody>, ApiError> {
    for _ in 0..TRIES {
        let refusal = match orders.limits.free_slot(&orders.store, buyer, ticket.id).await {
            Ok(slot) => {
                let (order, created) = Order::reserve(ticket, buyer, slot, orders.window);
                match orders.store.insert(&order, created).await {
                    Err(StoreError::Duplicate) => None,
                    inserted => {
                        inserted?;
                        orders.rush.is_held(ticket, buyer);
                        orders.nothing_open.ends(buyer);
                        return Ok(Created(order.body(Some(ticket))));
                    }
                }
            }
            Err(refusal) => Some(refusal),
        };
        let holder = queries::live_of_ticket(&orders.store, ticket.id).await?;
        if let Some(order) = &holder {
            orders.rush.is_held(ticket, order.buyer());
        }
        match (holder, refusal) {
            (Some(own), _) if own.buyer() == buyer => return Ok(Created(own.body(Some(ticket)))),
            (Some(_), _) => return Err(ApiError::refused(RESERVED)),
            (None, Some(refusal)) => return Err(refusal),
            (None, None) => {}
        }
    }
    Err(ApiError::Conflict)
}
