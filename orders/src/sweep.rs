//! The second guard of the deadline, should the expiration service have lost its memory.

use std::time::Duration;

use common::mongo::{Aggregate, ChangeError, StoreError};
use common::timestamp::Timestamp;
use tokio::time::sleep;
use tokio_util::sync::CancellationToken;

use crate::models::order::{self, Refusal};
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
        if let Err(error) = cancel_overdue(&orders, Timestamp::now()).await {
            tracing::warn!(%error, "overdue orders not cancelled, trying again");
        }
    }
}

/// Cancels what was overdue by more than the grace at this moment; says how many orders there were.
///
/// # Errors
/// When the database is away.
pub async fn cancel_overdue(orders: &Orders, now: Timestamp) -> Result<usize, StoreError> {
    let before = Timestamp::from_millis(now.millis() - GRACE.as_millis() as i64);
    let overdue = order::overdue(&orders.store, before, BATCH).await?;
    for order in &overdue {
        match orders.store.change(order.id(), |order| order.expire(now)).await {
            Ok(_) => tracing::warn!(order = %order.id(), "cancelled by the sweep: its expiration was not heard"),
            Err(
                ChangeError::Refused(Refusal::Complete | Refusal::Cancelled | Refusal::NotDue) | ChangeError::NotFound,
            ) => {}
            Err(ChangeError::Store(error)) => return Err(error),
        }
    }
    Ok(overdue.len())
}
