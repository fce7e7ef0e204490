//! Settles payments outside of requests: those that are handed over at once, and interrupted ones when they are due.
//!
//! The document is the truth. What is handed over in memory is only the fast way: when it is lost, because the process died or
//! the queue is full, or when the provider did not confirm, the sweep finds the payment by the time at which it is due.

use std::time::Duration;

use common::id::Id;
use common::mongo::Aggregate;
use futures::{StreamExt, stream};
use tokio::sync::mpsc;
use tokio::time::sleep;
use tokio_util::sync::CancellationToken;

use crate::handover::Handed;
use crate::models::payments;
use crate::state::Payments;

/// How often due payments are looked for.
const SWEEP_EVERY: Duration = Duration::from_secs(2);

/// How many payments each of the two loops settles at the same time.
const AT_ONCE: usize = 16;

/// Settles payments until `stop`, then finishes those it has begun.
pub async fn run(payments: Payments, handed: mpsc::Receiver<Handed>, stop: CancellationToken) {
    tokio::join!(settle_handed(&payments, handed, &stop), settle_due(&payments, &stop));
}

async fn settle_handed(payments: &Payments, handed: mpsc::Receiver<Handed>, stop: &CancellationToken) {
    let next = |mut handed: mpsc::Receiver<Handed>| async { handed.recv().await.map(|payment| (payment, handed)) };
    stream::unfold(handed, next)
        .take_until(stop.cancelled())
        .for_each_concurrent(AT_ONCE, |(id, trace)| trace.scope(settle(payments, id)))
        .await;
}

async fn settle_due(payments: &Payments, stop: &CancellationToken) {
    while !stop.is_cancelled() {
        stream::unfold((), async |()| next_due(payments).await.map(|id| (id, ())))
            .take_until(stop.cancelled())
            .for_each_concurrent(AT_ONCE, |id| settle(payments, id))
            .await;
        let _ = stop.run_until_cancelled(sleep(SWEEP_EVERY)).await;
    }
}

async fn next_due(payments: &Payments) -> Option<Id> {
    let due = payments::next_due(&payments.store).await;
    let due = due.inspect_err(|error| tracing::warn!(%error, "due payments could not be read, retrying"));
    due.ok().flatten().map(|payment| payment.id())
}

async fn settle(payments: &Payments, id: Id) {
    if let Err(error) = payments.settle(id).await {
        tracing::warn!(payment = %id, %error, "payment not settled, the sweep will try again");
    }
}
