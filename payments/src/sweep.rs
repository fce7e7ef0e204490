//! Settles payments outside of requests: those that are handed over at once, and interrupted ones when they are due.
//!
//! The document is the truth. What is handed over in memory is only the fast way: when it is lost, because the process died or
//! the queue is full, or when the provider did not confirm, the sweep finds the payment by the time at which it is due.

use std::time::Duration;

use common::error::ApiError;
use common::id::Id;
use futures::{StreamExt, stream};
use opentelemetry::trace::FutureExt;
use tokio::sync::mpsc;
use tokio::time::{Instant, sleep};
use tokio_util::sync::CancellationToken;

use crate::decide::Keep;
use crate::handover::{Handed, Task};
use crate::models::payments;
use crate::state::Payments;

/// How often due payments are looked for, and the database's clock is read.
const SWEEP_EVERY: Duration = Duration::from_secs(2);

/// How often what is unsettled is counted.
const MEASURE_EVERY: Duration = Duration::from_secs(15);

/// How many payments each of the two loops settles at the same time.
const AT_ONCE: usize = 16;

/// Settles payments until `stop`, then finishes those it has begun.
pub async fn run(payments: Payments, handed: mpsc::Receiver<Handed>, stop: CancellationToken) {
    tokio::join!(do_handed(&payments, handed, &stop), settle_due(&payments, &stop));
}

async fn do_handed(payments: &Payments, handed: mpsc::Receiver<Handed>, stop: &CancellationToken) {
    let next = |mut handed: mpsc::Receiver<Handed>| async { handed.recv().await.map(|task| (task, handed)) };
    stream::unfold(handed, next)
        .take_until(stop.cancelled())
        .for_each_concurrent(AT_ONCE, |(task, cause)| {
            async move { log(&format!("{task:?}"), payments.perform(task).await) }.with_context(cause)
        })
        .await;
}

async fn settle_due(payments: &Payments, stop: &CancellationToken) {
    let mut measured: Option<Instant> = None;
    while !stop.is_cancelled() {
        log("the database's clock", payments.clock.read().await.map(drop).map_err(ApiError::from));
        stream::unfold((), async |()| next_due(payments).await.map(|id| (id, ())))
            .take_until(stop.cancelled())
            .for_each_concurrent(AT_ONCE, |id| async move {
                log(&format!("payment {id}"), payments.settle_and_remind(id).await);
            })
            .await;
        if measured.is_none_or(|at| at.elapsed() >= MEASURE_EVERY) {
            log("the gauges of payments", payments.measure().await.map_err(ApiError::from));
            measured = Some(Instant::now());
        }
        let _ = stop.run_until_cancelled(sleep(SWEEP_EVERY)).await;
    }
}

async fn next_due(payments: &Payments) -> Option<Id> {
    let due = payments::next_due(&payments.store).await;
    due.inspect_err(|error| tracing::warn!(%error, "due payments could not be read, retrying")).ok().flatten()
}

impl Payments {
    /// What is done with a task that was handed over.
    pub async fn perform(&self, task: Task) -> Result<(), ApiError> {
        match task {
            Task::Settle(id) => match self.store.recall(id).await? {
                Some(payment) => self.settle(payment, Keep::WithBuyer).await.map(drop),
                None => Ok(()),
            },
            Task::Close(order_id) => self.end_and_close(order_id).await,
        }
    }

    /// What the sweep does with a payment that is due.
    pub async fn settle_and_remind(&self, id: Id) -> Result<(), ApiError> {
        let Some(payment) = self.store.find(id).await? else {
            return Ok(());
        };
        let payment = self.settle(payment, Keep::WithBuyer).await?;
        self.remind(&payment).await?;
        self.look_after_hold(&payment).await
    }
}

fn log(what: &str, done: Result<(), ApiError>) {
    if let Err(error) = done {
        tracing::warn!(what, %error, "not settled, the sweep will try again");
    }
}
