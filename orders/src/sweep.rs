//! The second guard of the deadline, should the expiration service have lost its memory.

use std::time::Duration;

use common::mongo::{ChangeError, StoreError};
use common::timestamp::Timestamp;
use tokio::time::sleep;
use tokio_util::sync::CancellationToken;

use crate::models;
use crate::state::Orders;

/// How often overdue orders are looked for.
const EVERY: Duration = Duration::from_secs(5);

/// How long past its deadline an order is left to the expiration service.
const GRACE: Duration = Duration::from_secs(10);

/// Orders that are cancelled in one go.
const BATCH: i64 = 100;

/// Cancels what is overdue by more than the grace, until `stop`.
pub async fn run(orders: Orders, stop: CancellationToken) {
    while stop.run_until_cancelled(sleep(EVERY)).await.is_some() {
        // A lost memory leaves many at once: a full batch that came to something is followed by the next at once.
        while !stop.is_cancelled() {
            match cancel_overdue(&orders, Timestamp::now()).await {
                Ok(cancelled) if cancelled == BATCH as usize => {}
                Ok(_) => break,
                Err(error) => {
                    tracing::warn!(%error, "overdue orders not cancelled, trying again");
                    break;
                }
            }
        }
    }
}

/// Cancels what was overdue by more than the grace at this moment, a batch of it; says how many orders that were.
///
/// # Errors
/// When the database is away.
pub async fn cancel_overdue(orders: &Orders, now: Timestamp) -> Result<usize, StoreError> {
    let before = Timestamp::from_millis(now.millis() - GRACE.as_millis() as i64);
    let mut cancelled = 0;
    for order in models::orders::overdue(&orders.store, before, BATCH).await? {
        match orders.store.change(order, |order| order.expire(now)).await {
            Ok(_) => {
                cancelled += 1;
                tracing::warn!(%order, "cancelled by the sweep: its expiration was not heard");
            }
            Err(ChangeError::Store(error @ StoreError::Away(_))) => return Err(error),
            // One that cannot be read must not keep the others.
            Err(ChangeError::Store(error)) => tracing::error!(%order, %error, "overdue and not cancelled"),
            Err(ChangeError::Refused(_) | ChangeError::NotFound) => {}
        }
    }
    Ok(cancelled)
}
