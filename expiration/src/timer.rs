//! The timer: sleeps until the next order is due, and publishes `expiration.complete` for it.

use std::time::Duration;

use common::events::ExpirationComplete;
use common::id::Id;
use common::nats::Broker;
use common::retry::until_done;
use futures::future::join_all;
use metrics::histogram;
use tokio::time::{Instant, sleep};
use tokio_util::sync::CancellationToken;

use crate::schedule::{Due, Schedule};

/// Orders that are claimed and published in one go.
const BATCH: usize = 256;

/// The longest sleep. An order that *another* replica adds does not wake this one, so each replica reads the schedule
/// at least this often. So when a replica dies, the others find its deadlines at most this late.
const LONGEST_SLEEP: Duration = Duration::from_secs(1);

/// The longest pause while Redis or the broker is unavailable.
const LONGEST_PAUSE: Duration = Duration::from_secs(1);

/// Publishes `expiration.complete` for each order that is due, until `stop`; then finishes what it has claimed.
pub async fn run(schedule: Schedule, broker: Broker, stop: CancellationToken) {
    let expire = || expire_due(&schedule, &broker);
    while let Some(wait) = until_done("expiring orders", LONGEST_PAUSE, &stop, expire).await {
        tokio::select! {
            biased;
            () = stop.cancelled() => return,
            () = schedule.new_first() => {}
            () = sleep(wait.min(LONGEST_SLEEP)) => {}
        }
    }
}

/// Claims what is due, publishes it and removes it from the schedule. Returns how long it is until the next order is due.
async fn expire_due(schedule: &Schedule, broker: &Broker) -> Result<Duration, String> {
    schedule.recheck_full().await;
    // Nothing is claimed that cannot be published: such an order would be late by its lease.
    broker.ready().await?;
    let (due, next_in) = schedule.claim(BATCH).await.map_err(|failure| failure.to_string())?;
    let claimed_at = Instant::now();
    if due.is_empty() {
        return Ok(next_in.unwrap_or(LONGEST_SLEEP));
    }
    let outcomes = join_all(due.iter().map(|due| publish(broker, due, claimed_at))).await;
    // What the stream has not acked stays, and is due again when its lease has ended.
    let published: Vec<Id> = outcomes.iter().flatten().copied().collect();
    schedule.remove(&published).await.map_err(|failure| failure.to_string())?;
    if let Some(error) = outcomes.into_iter().find_map(Result::err) {
        broker.recheck_streams();
        return Err(error);
    }
    Ok(Duration::ZERO)
}

async fn publish(broker: &Broker, due: &Due, claimed_at: Instant) -> Result<Id, String> {
    let event = ExpirationComplete { order_id: due.order, expires_at: due.deadline };
    // A deadline passes once: the stream drops a second message with the same id, after a lease or a redelivery. Should the first be
    // lost, the sweep of the orders service publishes another.
    let id = match due.deadline {
        Some(deadline) => format!("expiration-{}-{}", due.order, deadline.millis()),
        None => format!("expiration-{}", due.order),
    };
    broker.publish(&id, &event).await?;
    histogram!("expiration_late_seconds").record(due.late + claimed_at.elapsed());
    Ok(due.order)
}
