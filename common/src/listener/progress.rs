//! Looks every few seconds how far the service has come: for its checkpoint, for the operator, and for requests that find nothing.

use std::collections::BTreeSet;
use std::sync::Arc;
use std::time::Duration;

use async_nats::jetstream::stream::Stream;
use backon::BackoffBuilder;
use metrics::gauge;
use tokio::time::{Instant, sleep, timeout};
use tokio_util::sync::CancellationToken;

use crate::checkpoint::{Checkpoint, Checkpoints, Gap, Position};
use crate::dead_letters;
use crate::events::{KINDS, STREAM};
use crate::nats::Broker;
use crate::replica;
use crate::retry::backoff;
use crate::timestamp::Timestamp;

const EVERY: Duration = Duration::from_secs(2);

/// How long one look may take.
const LIMIT: Duration = Duration::from_secs(5);

/// The pauses between two requests for everything, while a replica stays empty: the platform may be new.
const EMPTY_PAUSES: (Duration, Duration) = (Duration::from_secs(10), Duration::from_secs(300));

/// The pause after a request for what was missed: in a stream that drops messages all the time, every look finds a gap.
const GAP_PAUSE: Duration = Duration::from_secs(30);

/// The progress of one service.
pub struct Progress {
    broker: Broker,
    service: &'static str,
    /// What the service handles events of: the state of these is requested.
    kinds: BTreeSet<&'static str>,
    checkpoints: Option<Arc<dyn Checkpoints>>,
    /// When state may be requested again.
    again: Instant,
    /// The next pause while everything is requested.
    empty_pause: Duration,
    /// Everything was requested, and the replica is still empty.
    is_everything_requested: bool,
}

impl Progress {
    /// The progress of the service that handles these subjects.
    pub fn new(
        broker: Broker,
        service: &'static str,
        subjects: impl Iterator<Item = &'static str>,
        checkpoints: Option<Arc<dyn Checkpoints>>,
    ) -> Self {
        let kinds = subjects.filter_map(|subject| subject.split('.').next());
        let kinds = kinds.filter(|kind| KINDS.contains(kind)).collect();
        let (again, empty_pause) = (Instant::now(), EMPTY_PAUSES.0);
        Self { broker, service, kinds, checkpoints, again, empty_pause, is_everything_requested: false }
    }

    /// Looks until `stop`, and once more when everything has ended.
    pub async fn watch(&mut self, stop: &CancellationToken) {
        let mut pauses = backoff(EVERY).build();
        while !stop.is_cancelled() {
            let pause = match self.look().await {
                Ok(()) => {
                    pauses = backoff(EVERY).build();
                    EVERY
                }
                Err(cause) => {
                    // At the start the consumer is there a moment later; until then the service counts as behind.
                    let pause = pauses.next().unwrap_or(EVERY);
                    if pause >= EVERY && self.broker.is_connected() {
                        tracing::warn!(cause, "the consumer's progress was not read, retrying");
                    }
                    pause
                }
            };
            let _ = stop.run_until_cancelled(sleep(pause)).await;
        }
    }

    /// Looks once.
    ///
    /// # Errors
    /// Why stream, consumer or store did not answer.
    pub async fn look(&mut self) -> Result<(), String> {
        // A question would wait for the connection, and a process that stops for the answer.
        if !self.broker.is_connected() {
            return Err("not connected".to_owned());
        }
        timeout(LIMIT, self.try_look()).await.unwrap_or_else(|_| Err("no answer".to_owned()))
    }

    async fn try_look(&mut self) -> Result<(), String> {
        let broker = self.broker.clone();
        // The checkpoint before the stream, or another replica has stored a later one meanwhile. The stream before the consumer: what is
        // not pending afterwards was handled.
        let stored = match &self.checkpoints {
            Some(checkpoints) => checkpoints.load().await?,
            None => None,
        };
        let stream = broker.jetstream().get_stream(STREAM).await.map_err(|error| error.to_string())?;
        let consumer = stream.consumer_info(self.service).await.map_err(|error| error.to_string())?;
        let state = &stream.cached_info().state;
        let position = Position {
            consumer_created: Timestamp::from_millis((consumer.created.unix_timestamp_nanos() / 1_000_000) as i64),
            messages: (state.first_sequence as i64, state.last_sequence as i64),
            acked: consumer.ack_floor.stream_sequence as i64,
            unhandled: consumer.num_pending as i64 + consumer.num_ack_pending as i64,
        };
        gauge!("consumer_pending").set(consumer.num_pending as f64);
        gauge!("consumer_unacked").set(consumer.num_ack_pending as f64);
        gauge!("stream_bytes").set(state.bytes as f64);
        gauge!("stream_max_bytes").set(stream.cached_info().config.max_bytes as f64);
        let dead_letters =
            broker.jetstream().get_stream(dead_letters::STREAM).await.map_err(|error| error.to_string())?;
        gauge!("dead_letters").set(dead_letters.cached_info().state.messages as f64);
        let handled = stored.as_ref().map_or(position.acked, |stored| position.handled(stored));
        let oldest = if position.unhandled > 0 { published_at(&stream, handled + 1).await } else { None };
        let now = Timestamp::now();
        if oldest.is_some() || position.unhandled == 0 {
            let age = oldest.map_or(Duration::ZERO, |oldest| now.remaining(oldest));
            gauge!("consumer_oldest_unhandled_seconds").set(age.as_secs_f64());
            broker.set_oldest_unhandled(age);
        }
        let Some(checkpoints) = self.checkpoints.clone() else {
            return Ok(());
        };
        let gap = position.gap(stored.as_ref(), now);
        self.is_everything_requested &= gap == Some(Gap::Everything);
        if let Some(gap) = gap
            && !self.request(gap, stored.as_ref()).await
            && !(gap == Gap::Everything && self.is_everything_requested)
        {
            // The checkpoint stays where it is, so that the gap is found again. That of an empty replica goes on: it does not count
            // before there is something in it, and then it must not look like one of a store from a backup.
            return Ok(());
        }
        checkpoints.save(&position.checkpoint(stored.as_ref(), gap, oldest, now)).await
    }

    /// Requests the state of what was missed. True when every owner was asked.
    async fn request(&mut self, gap: Gap, stored: Option<&Checkpoint>) -> bool {
        if Instant::now() < self.again {
            return false;
        }
        match stored.filter(|stored| stored.sequence > 0) {
            Some(stored) => tracing::warn!(?gap, ?stored, "events were missed, their state is requested"),
            None => tracing::info!("a new service, or a wiped store: the state of others is requested"),
        }
        let since = match gap {
            Gap::Since(since) => Some(since),
            Gap::Everything => None,
        };
        for kind in &self.kinds {
            if !replica::request_states(&self.broker, kind, since).await {
                return false;
            }
        }
        self.is_everything_requested |= gap == Gap::Everything;
        let pause = match gap {
            Gap::Since(_) => GAP_PAUSE,
            Gap::Everything => self.empty_pause,
        };
        self.empty_pause = (pause * 2).clamp(EMPTY_PAUSES.0, EMPTY_PAUSES.1);
        self.again = Instant::now() + pause;
        true
    }
}

/// When a message was published; nothing when the stream does not hold it.
async fn published_at(stream: &Stream, sequence: i64) -> Option<Timestamp> {
    let message = stream.get_raw_message(sequence.unsigned_abs()).await.ok()?;
    Some(Timestamp::from_millis((message.time.unix_timestamp_nanos() / 1_000_000) as i64))
}
