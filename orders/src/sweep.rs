//! The second guard of the deadline, in case the expiration service has lost its data.

use std::time::Duration;

use common::mongo::StoreError;
use common::timestamp::Timestamp;
use tokio::time::sleep;
use tokio_util::sync::CancellationToken;

use crate::models;
use crate::models::order::Order;
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
        // Lost data leaves many at once: after a full batch comes the next without a pause.
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

/// Cancels a batch of what was overdue by more than the grace at this moment; returns how many orders that were.
pub async fn cancel_overdue(orders: &Orders, now: Timestamp) -> Result<usize, StoreError> {
    let before = Timestamp::from_millis(now.millis() - GRACE.as_millis() as i64);
    let mut cancelled = 0;
    for id in models::orders::overdue(&orders.store, before, BATCH).await? {
        // Paid or cancelled meanwhile: nothing to do.
        let expire = |order: &mut Order| Ok(order.expire(now).unwrap_or_default());
        match orders.store.change(id, expire).await {
            Ok(_) => {
                cancelled += 1;
                tracing::warn!(order = %id, "cancelled by the sweep: expiration.complete did not arrive");
            }
            Err(error @ StoreError::Unavailable(_)) => return Err(error),
            // One that cannot be read must not block the others.
            Err(error) => tracing::error!(order = %id, %error, "overdue and not cancelled"),
        }
    }
    Ok(cancelled)
}
