//! The listener loop: takes events from the stream, hands each to a plain function, and is the only place that acks.
//!
//! Messages of one aggregate are handled one after another, different aggregates at the same time. A message is acked when
//! its handler succeeded, becomes a dead letter when it cannot be handled, and is retried otherwise, for as long as it takes.

mod gate;
mod in_flight;
mod lanes;
mod progress;
mod settle;

use std::collections::HashMap;
use std::sync::Arc;
use std::time::Duration;

use async_nats::jetstream::Message;
use async_nats::jetstream::consumer::{AckPolicy, pull};
use futures::FutureExt;
use futures::future::BoxFuture;
use tokio_util::sync::CancellationToken;

use gate::Gate;
use lanes::Lanes;
use progress::Progress;

use crate::checkpoint::Checkpoints;
use crate::events::Event;
use crate::id::Id;
use crate::mongo::StoreError;
use crate::nats::Broker;
use crate::retry::until_done;

/// Messages that are delivered and not yet acked, over all replicas of a service. Those that are not due yet count as well; what one
/// process holds is bounded by its lanes.
const MAX_ACK_PENDING: i64 = 8192;

/// A message that was neither acked nor reported as in progress for so long is redelivered, perhaps to another replica.
const ACK_WAIT: Duration = Duration::from_secs(30);

/// How long no message is taken after many dead letters in a row; then one is tried.
const DEAD_LETTER_PAUSE: Duration = Duration::from_secs(60);

/// The longest pause before the consumer is opened again.
const LONGEST_RECONNECT_PAUSE: Duration = Duration::from_secs(2);

/// Why an event was not handled.
#[derive(Clone, Debug, thiserror::Error)]
pub enum Failure {
    /// A store is unavailable: retried for ever.
    #[error("{0}")]
    Unavailable(String),
    /// It is too early for this event: it is redelivered after this time, as often as it takes.
    #[error("due in {0:?}")]
    NotDue(Duration),
    /// The event is about something of our own that is not here: a store has come back from a backup, and a person has to look. It is
    /// not kept as a dead letter, because whoever waits for its effect publishes it again.
    #[error("{0}")]
    Unknown(String),
    /// The handler failed: retried a few times, then the message is a dead letter.
    #[error("{0}")]
    Failed(String),
    /// The message cannot be decoded: it becomes a dead letter at once.
    #[error("{0}")]
    Undecodable(String),
}

impl From<StoreError> for Failure {
    fn from(error: StoreError) -> Self {
        match error {
            // Replicas that race for the same document settle it in the next turn.
            StoreError::Unavailable(_) | StoreError::Conflict => Self::Unavailable(error.to_string()),
            StoreError::NotFound => Self::Unknown(error.to_string()),
            StoreError::Duplicate | StoreError::Other(_) => Self::Failed(error.to_string()),
        }
    }
}

/// Decodes a message and calls the function in the table.
type Call<S> = dyn Fn(S, &[u8]) -> BoxFuture<'static, Result<(), Failure>> + Send + Sync;

/// A function in the table, with its event type erased.
struct Handler<S> {
    /// The aggregate that the message is about, if it can be decoded.
    aggregate: fn(&[u8]) -> Option<Id>,
    call: Box<Call<S>>,
}

/// A service's table of listeners: one call of [`on`](Self::on) for each event.
pub struct Handlers<S>(HashMap<&'static str, Handler<S>>);

impl<S: Send + 'static> Handlers<S> {
    /// No listeners yet.
    #[allow(clippy::new_without_default, reason = "an empty table is a start, not a default")]
    pub fn new() -> Self {
        Self(HashMap::new())
    }

    /// Calls the function for each event of its type.
    pub fn on<E, H, F>(mut self, handler: H) -> Self
    where
        E: Event,
        H: Fn(S, E) -> F + Send + Sync + 'static,
        F: Future<Output = Result<(), Failure>> + Send + 'static,
    {
        let aggregate = |payload: &[u8]| serde_json::from_slice::<E>(payload).ok().map(|event| event.aggregate());
        let call = move |state, payload: &[u8]| match serde_json::from_slice(payload) {
            Ok(event) => handler(state, event).boxed(),
            Err(error) => {
                let undecodable = Failure::Undecodable(format!("not a valid {}: {error}", E::SUBJECT));
                std::future::ready(Err(undecodable)).boxed()
            }
        };
        self.0.insert(E::SUBJECT, Handler { aggregate, call: Box::new(call) });
        self
    }

    /// What is listened to, in alphabetical order.
    pub fn subjects(&self) -> Vec<&'static str> {
        let mut subjects: Vec<_> = self.0.keys().copied().collect();
        subjects.sort_unstable();
        subjects
    }
}

/// A service's listeners, to be run.
pub struct Listeners<S> {
    service: &'static str,
    state: S,
    broker: Broker,
    ack_wait: Duration,
    dead_letter_pause: Duration,
    checkpoints: Option<Arc<dyn Checkpoints>>,
    gate: Gate,
    handlers: Handlers<S>,
}

impl<S: Clone + Send + Sync + 'static> Listeners<S> {
    /// Those of this table. The durable consumer has the service's name.
    pub fn new(service: &'static str, state: S, broker: Broker, handlers: Handlers<S>) -> Self {
        Self {
            service,
            state,
            broker,
            ack_wait: ACK_WAIT,
            dead_letter_pause: DEAD_LETTER_PAUSE,
            checkpoints: None,
            gate: Gate::default(),
            handlers,
        }
    }

    /// The aggregate that a message is about, if it can be decoded.
    fn aggregate_of(&self, message: &Message) -> Option<Id> {
        let handler = self.handlers.0.get(message.subject.as_str())?;
        (handler.aggregate)(&message.payload)
    }

    /// Keeps its checkpoint there. What the service has missed is requested from its owners.
    pub fn checkpoints(mut self, checkpoints: impl Checkpoints + 'static) -> Self {
        self.checkpoints = Some(Arc::new(checkpoints));
        self
    }

    /// A message that a process took and that is not heard of for so long is redelivered; 30 s unless said otherwise.
    pub fn ack_wait(mut self, ack_wait: Duration) -> Self {
        self.ack_wait = ack_wait;
        self
    }

    /// After many dead letters in a row no message is taken for so long; a minute unless said otherwise.
    pub fn dead_letter_pause(mut self, pause: Duration) -> Self {
        self.dead_letter_pause = pause;
        self
    }

    /// The durable consumer, which [`run`](Self::run) creates or changes to this.
    pub fn consumer(&self) -> pull::Config {
        pull::Config {
            durable_name: Some(self.service.to_owned()),
            ack_policy: AckPolicy::Explicit,
            ack_wait: self.ack_wait,
            max_ack_pending: MAX_ACK_PENDING,
            filter_subjects: self.handlers.subjects().into_iter().map(str::to_owned).collect(),
            ..pull::Config::default()
        }
    }

    /// Listens until `stop`, then finishes what has begun and returns the rest to the broker.
    pub async fn run(self, stop: CancellationToken) {
        let broker = self.broker.clone();
        let subjects = self.handlers.subjects().into_iter();
        let mut progress = Progress::new(broker.clone(), self.service, subjects, self.checkpoints.clone());
        let lanes = Lanes::start(Arc::new(self), stop.clone());
        let listen = async || {
            let listened = lanes.listen(&stop).await;
            listened.inspect_err(|_| broker.recheck_streams())
        };
        let listening = until_done("listening", LONGEST_RECONNECT_PAUSE, &stop, listen);
        tokio::join!(listening, progress.watch(&stop));
        lanes.finish().await;
        if let Err(cause) = progress.look().await {
            tracing::debug!(cause, "the last checkpoint was not stored");
        }
        // The last acks must be out before the process ends.
        broker.flush().await;
    }
}
