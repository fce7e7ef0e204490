use axum::extract::State;
use common::api::TicketBody;
use common::auth::Carried;
use common::contract::{Conflict, NotAuthorized, Refused};
use common::error::ApiError;
use common::extract::ValidJson;
use common::mongo::{Aggregate, StoreError};
use common::respond::Created;

use crate::idempotency::IdempotencyKey;
use crate::models::offer::Offer;
use crate::models::ticket::Ticket;
use crate::models::tickets as queries;
use crate::state::Tickets;

/// `POST /api/tickets`: offers a ticket. The same `Idempotency-Key` of the same seller again is answered with the ticket that is there.
#[utoipa::path(
    post, path = "/api/tickets",
    params(("Idempotency-Key" = Option<String>, Header)),
    request_body = Offer,
    responses((status = 201, body = TicketBody), Refused, NotAuthorized, Conflict),
    security(("session" = []))
)]
pub async fn new(
    State(tickets): State<Tickets>,
    Carried { claims, .. }: Carried,
    IdempotencyKey(key): IdempotencyKey,
    ValidJson(offer): ValidJson<Offer>,
) -> Result<Created<TicketBody>, ApiError> {
    let seller = &claims.session;
    tickets.price_cap.check(offer.price, &offer.details)?;
    if let Err(refusal) = tickets.check_room(seller.id).await {
        // The answer to the first of two equal requests may have been lost.
        let offered = match key {
            Some(key) => queries::offered_with(&tickets.store, seller.id, &key).await?,
            None => None,
        };
        return offered.map(|ticket| Created(ticket.body())).ok_or(refusal);
    }
    let (ticket, created) = Ticket::offer(offer, seller.id);
    let ticket = ticket.with_key(key.clone());
    match (tickets.store.insert(&ticket, created).await, key) {
        (Err(StoreError::Duplicate), Some(key)) => {
            let offered = queries::offered_with(&tickets.store, seller.id, &key).await?;
            Ok(Created(offered.ok_or(StoreError::Conflict)?.body()))
        }
        (inserted, _) => {
            inserted?;
            // The body may have taken its time. If the account was deleted meanwhile, its listings were withdrawn before this one came.
            if tickets.sessions.ended().contains(&claims) {
                tickets.leave(ticket.id()).await?;
                return Err(ApiError::NotAuthorized);
            }
            Ok(Created(ticket.body()))
        }
    }
}
