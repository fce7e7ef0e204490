//! What heals by itself: orders that nobody ends, and tickets that do not show what their order says.
//!
//! Nothing is decided here. An overdue order is brought before payments, which alone knows whether it was paid in time; an order and
//! its ticket that do not agree are published again.

use std::collections::HashMap;
use std::time::Duration;

use common::events::{ExpirationComplete, TICKET};
use common::id::Id;
use common::mongo::{Aggregate, BATCH, StoreError, database_clock, in_batches};
use common::replica;
use futures::future::join_all;
use metrics::gauge;
use mongodb::bson::oid::ObjectId;
use tokio::time::sleep;
use tokio_util::sync::CancellationToken;

use crate::models::order::Order;
use crate::models::orders::{self, Overdue};
use crate::models::ticket::Ticket;
use crate::state::Orders;

/// How often is looked for both.
const EVERY: Duration = Duration::from_secs(2);

/// Asks for what is overdue and compares what has changed, until `stop`.
pub async fn run(orders: Orders, stop: CancellationToken) {
    while stop.run_until_cancelled(sleep(EVERY)).await.is_some() {
        if let Err(error) = sweep(&orders, &stop).await {
            tracing::warn!(%error, "orders not swept, trying again");
        }
    }
}

async fn sweep(orders: &Orders, stop: &CancellationToken) -> Result<(), StoreError> {
    orders::plan_checks(&orders.store).await?;
    // Pauses grow while there is an answer to hope for, not while the broker is unavailable.
    if orders.broker.ready().await.is_ok() {
        in_batches(stop, || ask_for_overdue(orders)).await?;
        // While events are still on their way, everything would seem to disagree.
        if !orders.broker.is_behind() {
            in_batches(stop, || compare_with_tickets(orders)).await?;
        }
    }
    let (past_deadline, disagreeing) = orders::count_unsettled(&orders.store).await?;
    gauge!("orders_past_deadline").set(past_deadline as f64);
    gauge!("orders_disagreeing").set(disagreeing as f64);
    Ok(())
}

/// Publishes `expiration.complete` for a batch of the orders that are overdue by more than the grace period; returns how many.
///
/// Each comes again, with pauses that grow to ten seconds, until it has ended. While payments is unavailable nothing expires.
pub async fn ask_for_overdue(orders: &Orders) -> Result<usize, StoreError> {
    let overdue = orders::take_overdue(&orders.store, BATCH).await?;
    join_all(overdue.iter().map(|order| ask(orders, order))).await;
    Ok(overdue.len())
}

async fn ask(orders: &Orders, overdue: &Overdue) {
    let event = ExpirationComplete { order_id: overdue.id, expires_at: Some(overdue.expires_at) };
    // Each turn has an id of its own: the stream would drop a repeated one.
    let id = format!("expiration-{}-{}", overdue.id, overdue.next.millis());
    match orders.broker.publish(&id, &event).await {
        Ok(()) => tracing::warn!(order = %overdue.id, "the order is overdue, payments is asked to close it"),
        Err(error) => {
            tracing::warn!(order = %overdue.id, error, "overdue order not brought before payments, trying again")
        }
    }
}

/// Compares a batch of the orders whose status has changed with their tickets, and publishes those that do not agree again;
/// returns how many it dealt with. Those come again, with pauses that grow to five minutes, until they agree.
pub async fn compare_with_tickets(orders: &Orders) -> Result<usize, StoreError> {
    let now = database_clock(orders.store.documents()).await?;
    let changed = orders::to_check(&orders.store, now, BATCH).await?;
    let tickets = orders.tickets.find_all(changed.iter().map(Order::ticket)).await?;
    let tickets: HashMap<Id, Ticket> = tickets.into_iter().map(|ticket| (ticket.id, ticket)).collect();
    let agrees = |order: &&Order| tickets.get(&order.ticket()).is_some_and(|ticket| order.agrees_with(ticket));
    let (agreed, disagreeing): (Vec<&Order>, Vec<&Order>) = changed.iter().partition(agrees);
    let mut done = agreed.len();
    if !agreed.is_empty() {
        let ids = agreed.iter().map(|order| ObjectId::from(order.id())).collect();
        orders::store_agreed(&orders.store, ids, now).await?;
    }
    let mut taken = Vec::new();
    for order in disagreeing {
        if orders::take_disagreeing(&orders.store, order, now).await? {
            taken.push(order);
        }
    }
    done += taken.len();
    for order in &taken {
        tracing::warn!(order = %order.id(), ticket = %order.ticket(), "the ticket does not show what its order says, both are published again");
        orders.store.republish(order)?;
    }
    join_all(taken.iter().map(|order| replica::request_state(&orders.broker, TICKET, order.ticket()))).await;
    Ok(done)
}
