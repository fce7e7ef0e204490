//! The timer: sleeps until the next order is due, and says so to the orders service.

use std::time::Duration;

use common::events::ExpirationComplete;
use common::id::Id;
use common::nats::Broker;
use futures::future::join_all;
use metrics::histogram;
use tokio::time::{Instant, sleep};
use tokio_util::sync::CancellationToken;

use crate::schedule::{Claim, Due, Schedule};

/// Orders that are claimed and published in one go.
const BATCH: usize = 256;

/// The longest sleep. What *another* replica schedules wakes nobody here, so a replica looks at the schedule so often:
/// when the other one dies or stops, this one has long seen its deadlines, unless they are nearer than this.
const LOOK_AGAIN: Duration = Duration::from_secs(1);

/// The first and the longest pause while Redis or the broker is away.
const PAUSES: (Duration, Duration) = (Duration::from_millis(50), Duration::from_secs(1));

/// Publishes `expiration.complete` when an order is due.
pub struct Timer {
    schedule: Schedule,
    broker: Broker,
}

impl Timer {
    /// The timer of this schedule.
    pub fn new(schedule: Schedule, broker: Broker) -> Self {
        Self { schedule, broker }
    }

    /// Runs until `stop`, then finishes what it has claimed.
    pub async fn run(self, stop: CancellationToken) {
        let mut pause = PAUSES.0;
        while !stop.is_cancelled() {
            let wait = match self.turn().await {
                Ok(wait) => {
                    pause = PAUSES.0;
                    wait.min(LOOK_AGAIN)
                }
                Err(cause) => {
                    tracing::warn!(cause, "orders that are due wait, trying again");
                    let longer = (pause * 2).min(PAUSES.1);
                    std::mem::replace(&mut pause, longer)
                }
            };
            tokio::select! {
                () = sleep(wait) => {}
                () = self.schedule.new_first() => {}
                () = stop.cancelled() => {}
            }
        }
    }

    /// Claims what is due, publishes it and takes it off the schedule. Answers how long there is nothing to do.
    async fn turn(&self) -> Result<Duration, String> {
        // Claimed is only what can be published: an order whose lease has to run out is late.
        self.broker.ready().await?;
        let Claim { due, next_in } = self.schedule.claim(BATCH).await.map_err(|away| away.to_string())?;
        if due.is_empty() {
            return Ok(next_in.unwrap_or(LOOK_AGAIN));
        }
        self.fire(&due).await?;
        Ok(Duration::ZERO)
    }

    async fn fire(&self, due: &[Due]) -> Result<(), String> {
        let claimed = Instant::now();
        let outcomes = join_all(due.iter().map(|due| self.publish(due, claimed))).await;
        let (published, failures): (Vec<_>, Vec<_>) = outcomes.into_iter().partition(Result::is_ok);
        // What the stream has not acked stays, and is due again when its lease is over.
        let published: Vec<_> = published.into_iter().flatten().collect();
        self.schedule.forget(&published).await.map_err(|away| away.to_string())?;
        match failures.into_iter().find_map(Result::err) {
            Some(cause) => {
                self.broker.recheck_streams();
                Err(cause)
            }
            None => Ok(()),
        }
    }

    async fn publish(&self, due: &Due, claimed: Instant) -> Result<Id, String> {
        let event = ExpirationComplete { order_id: due.order };
        // An order expires once: whoever publishes it again, after a lease or a redelivery, is not heard a second time.
        self.broker.publish(&format!("expiration-{}", due.order), &event).await?;
        histogram!("expiration_late_seconds").record(due.late + claimed.elapsed());
        Ok(due.order)
    }
}
