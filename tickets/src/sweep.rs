//! Asks for the end of orders that hold a ticket for too long: their end was published, and lost on its way.
//!
//! Nothing is decided here. The orders service publishes the order's state again, and the listener handles it.

use std::time::Duration;

use common::events::ORDER;
use common::mongo::{BATCH, StoreError, in_batches};
use common::replica;
use common::retry::until_done;
use futures::future::join_all;
use metrics::gauge;
use tokio::time::sleep;
use tokio_util::sync::CancellationToken;

use crate::models::tickets as queries;
use crate::state::Tickets;

/// How often is looked for tickets that are held for too long.
const EVERY: Duration = Duration::from_secs(5);

/// The longest pause while the database is unavailable at the start.
const LONGEST_PAUSE: Duration = Duration::from_secs(5);

/// Asks for what is held too long, until `stop`.
pub async fn run(tickets: Tickets, stop: CancellationToken) {
    let plan = || queries::plan_old(&tickets.store);
    until_done("planning to ask for tickets reserved by earlier versions", LONGEST_PAUSE, &stop, plan).await;
    while stop.run_until_cancelled(sleep(EVERY)).await.is_some() {
        if let Err(error) = sweep(&tickets, &stop).await {
            tracing::warn!(%error, "held tickets not swept, trying again");
        }
    }
}

async fn sweep(tickets: &Tickets, stop: &CancellationToken) -> Result<(), StoreError> {
    queries::plan_without_deadline(&tickets.store).await?;
    // Pauses grow while there is an answer to hope for, not while the broker is unavailable.
    if tickets.broker.ready().await.is_ok() {
        in_batches(stop, || ask_for_held(tickets)).await?;
    }
    gauge!("tickets_held_past_deadline").set(queries::count_held_too_long(&tickets.store).await? as f64);
    Ok(())
}

/// Requests the state of the orders that hold a batch of tickets for too long; returns how many. Each comes again, with pauses that
/// grow to five minutes, until its order has ended.
pub async fn ask_for_held(tickets: &Tickets) -> Result<usize, StoreError> {
    let holders = queries::take_held_too_long(&tickets.store, BATCH).await?;
    for order in &holders {
        tracing::warn!(%order, "the order holds its ticket past its deadline, its state is requested");
    }
    join_all(holders.iter().map(|order| replica::request_state(&tickets.broker, ORDER, *order))).await;
    Ok(holders.len())
}
