//! Cancels overdue orders, in case the expiration service has lost its data.

use std::time::Duration;

use common::mongo::StoreError;
use common::timestamp::Timestamp;
use tokio::time::sleep;
use tokio_util::sync::CancellationToken;

use crate::models::order::Order;
use crate::models::orders;
use crate::state::Orders;

/// How often overdue orders are looked for.
const EVERY: Duration = Duration::from_secs(5);

/// How long past its deadline an order is left to the expiration service.
const GRACE: Duration = Duration::from_secs(10);

/// Orders that are cancelled in one go.
const BATCH: usize = 100;

/// Cancels orders that are overdue by more than the grace period, until `stop`.
pub async fn run(orders: Orders, stop: CancellationToken) {
    while stop.run_until_cancelled(sleep(EVERY)).await.is_some() {
        // Lost data leaves many at once: after a full batch the next one follows without a pause.
        while !stop.is_cancelled() {
            match cancel_overdue(&orders, Timestamp::now()).await {
                Ok(BATCH) => {}
                Ok(_) => break,
                Err(error) => {
                    tracing::warn!(%error, "overdue orders not cancelled, trying again");
                    break;
                }
            }
        }
    }
}

/// Cancels a batch of the orders that were overdue by more than the grace period at this moment; returns how many.
pub async fn cancel_overdue(orders: &Orders, now: Timestamp) -> Result<usize, StoreError> {
    let before = Timestamp::from_millis(now.millis() - GRACE.as_millis() as i64);
    let mut cancelled = 0;
    for id in orders::overdue(&orders.store, before, BATCH as i64).await? {
        // An order that was paid or cancelled meanwhile stays as it is.
        let expire = |order: &mut Order| Ok(order.expire(now).unwrap_or_default());
        match orders.store.change(id, expire).await {
            Ok(_) => {
                cancelled += 1;
                tracing::warn!(order = %id, "cancelled by the sweep: expiration.complete did not arrive");
            }
            Err(error @ StoreError::Unavailable(_)) => return Err(error),
            // A document that cannot be read must not block the others.
            Err(error) => tracing::error!(order = %id, %error, "overdue order not cancelled, its document needs repair"),
        }
    }
    Ok(cancelled)
}
