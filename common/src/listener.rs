//! The listener loop: takes events from the stream, hands each to a plain function, and is the only place that acks.
//!
//! Messages of one aggregate are handled one after another, different aggregates at the same time. A message is acked when
//! its handler succeeded, becomes a dead letter when it cannot be handled, and is retried otherwise, for as long as it takes.

mod gate;
mod in_flight;
mod lanes;
mod progress;

use std::collections::HashMap;
use std::panic::AssertUnwindSafe;
use std::sync::Arc;
use std::time::{Duration, Instant};

use async_nats::jetstream::consumer::{AckPolicy, pull};
use async_nats::jetstream::{AckKind, Message};
use backon::BackoffBuilder;
use futures::FutureExt;
use futures::future::BoxFuture;
use metrics::{counter, histogram};
use tokio::time::{sleep, timeout};
use tokio_util::sync::CancellationToken;
use tracing::Instrument;

use gate::Gate;
use lanes::Lanes;
use progress::Progress;

use crate::checkpoint::Checkpoints;
use crate::dead_letters;
use crate::events::Event;
use crate::id::Id;
use crate::mongo::StoreError;
use crate::nats::Broker;
use crate::retry::{backoff, until_done};
use crate::telemetry::TraceParent;

/// Messages that are delivered and not yet acked, over all replicas of a service. Those that are not due yet count as well; what one
/// process holds is bounded by its lanes.
const MAX_ACK_PENDING: i64 = 8192;

/// A message that was neither acked nor reported as in progress for so long is redelivered, perhaps to another replica.
const ACK_WAIT: Duration = Duration::from_secs(30);

/// How long one call of a handler may take.
const HANDLER_LIMIT: Duration = Duration::from_secs(8);

/// A message whose store stays unavailable for so long is given to another replica. With [`HANDLER_LIMIT`] it is below 10 s.
const GIVE_UP_AFTER: Duration = Duration::from_secs(5);

/// When such a message is redelivered.
const UNAVAILABLE_DELAY: Duration = Duration::from_secs(1);

/// How long the store may take to answer before it counts as unavailable.
const PROBE_LIMIT: Duration = Duration::from_secs(2);

/// How long no message is taken after many dead letters in a row; then one is tried.
const DEAD_LETTER_PAUSE: Duration = Duration::from_secs(60);

/// How often a handler may fail for another reason than something being unavailable, before the message is a dead letter.
const FAILURES_ALLOWED: u32 = 5;

/// When a message that is returned because this process stops is redelivered: by then this process takes none any more.
const NAK_DELAY: Duration = Duration::from_millis(100);

/// How often a message is delivered to replicas that have no handler for its subject, before it is a dead letter: a rolling
/// upgrade takes minutes, and while it lasts about every second delivery reaches a replica that has one.
const DELIVERIES_WITHOUT_HANDLER: i64 = 100;

/// When a message without a handler is redelivered.
const NO_HANDLER_DELAY: Duration = Duration::from_secs(3);

/// The longest pause, without its jitter, before a handler is called again. With [`HANDLER_LIMIT`] it is well below [`ACK_WAIT`].
const LONGEST_PAUSE: Duration = Duration::from_secs(3);

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
pub struct Listeners<S> {
    service: &'static str,
    state: S,
    broker: Broker,
    ack_wait: Duration,
    dead_letter_pause: Duration,
    checkpoints: Option<Arc<dyn Checkpoints>>,
    gate: Gate,
    handlers: HashMap<&'static str, Handler<S>>,
}

impl<S: Clone + Send + Sync + 'static> Listeners<S> {
    /// No listeners yet. The durable consumer has the service's name.
    pub fn new(service: &'static str, state: S, broker: Broker) -> Self {
        Self {
            service,
            state,
            broker,
            ack_wait: ACK_WAIT,
            dead_letter_pause: DEAD_LETTER_PAUSE,
            checkpoints: None,
            gate: Gate::default(),
            handlers: HashMap::new(),
        }
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
        self.handlers.insert(E::SUBJECT, Handler { aggregate, call: Box::new(call) });
        self
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
        let mut subjects: Vec<String> = self.handlers.keys().map(|subject| (*subject).to_owned()).collect();
        subjects.sort();
        pull::Config {
            durable_name: Some(self.service.to_owned()),
            ack_policy: AckPolicy::Explicit,
            ack_wait: self.ack_wait,
            max_ack_pending: MAX_ACK_PENDING,
            filter_subjects: subjects,
            ..pull::Config::default()
        }
    }

    /// Listens until `stop`, then finishes what has begun and returns the rest to the broker.
    pub async fn run(self, stop: CancellationToken) {
        let broker = self.broker.clone();
        let subjects = self.handlers.keys().copied();
        let mut progress = Progress::new(broker.clone(), self.service, subjects, self.checkpoints.clone());
        let lanes = Lanes::start(Arc::new(self), stop.clone());
        let listen = async || {
            let listened = lanes.listen(&stop).await;
            listened.inspect_err(|_| broker.recheck_streams())
        };
        let listening = until_done("listening", LONGEST_RECONNECT_PAUSE, &stop, listen);
        tokio::join!(listening, progress.watch(&stop));
        lanes.finish().await;
        progress.look().await;
        // The last acks must be out before the process ends.
        broker.flush().await;
    }

    /// Returns a message to the broker, for another replica.
    async fn nak(&self, message: &Message) -> &'static str {
        self.reply(message, AckKind::Nak(Some(NAK_DELAY)), "nak").await
    }

    /// Handles one message to its end: acked, a dead letter, or returned because the process stops.
    async fn settle(&self, message: &Message, stop: &CancellationToken) {
        let subject = message.subject.to_string();
        let trace = TraceParent::of(
            message.headers.as_ref().and_then(|headers| headers.get("traceparent")).map(|value| value.as_str()),
        );
        let span = tracing::info_span!("event", subject, trace_id = trace.trace_id());
        let started = Instant::now();
        let outcome = trace.scope(self.handle(message, &subject, stop).instrument(span.clone())).await;
        let outcome = match outcome {
            Outcome::Handled => {
                self.gate.handled();
                self.reply(message, AckKind::Ack, "handled").await
            }
            Outcome::Unavailable => self.reply(message, AckKind::Nak(Some(UNAVAILABLE_DELAY)), "unavailable").await,
            Outcome::Stopped => self.nak(message).await,
            Outcome::Unknown(reason) => {
                let payload = String::from_utf8_lossy(&message.payload);
                span.in_scope(
                    || tracing::error!(reason, %payload, alert = true, "event about something that is not here"),
                );
                self.reply(message, AckKind::Ack, "unknown").await
            }
            Outcome::NotDue(wait) => self.reply(message, AckKind::Nak(Some(wait)), "not due").await,
            Outcome::NoHandler => self.reply(message, AckKind::Nak(Some(NO_HANDLER_DELAY)), "no handler").await,
            Outcome::DeadLetter(reason) => {
                span.in_scope(|| tracing::error!(reason, "event became a dead letter"));
                self.gate.dead_letter();
                match self.store_dead_letter(message, &reason, stop).await {
                    Some(()) => self.reply(message, AckKind::Term, "dead letter").await,
                    None => self.nak(message).await,
                }
            }
        };
        counter!("events_handled_total", "subject" => subject.clone(), "outcome" => outcome).increment(1);
        histogram!("event_seconds", "subject" => subject).record(started.elapsed());
    }

    async fn handle(&self, message: &Message, subject: &str, stop: &CancellationToken) -> Outcome {
        if !self.gate.is_open() {
            return Outcome::Unavailable;
        }
        let Some(handler) = self.handlers.get(subject) else {
            // The consumer is shared with replicas of another version, which may listen to more than we do.
            let deliveries = message.info().map(|info| info.delivered).unwrap_or_default();
            return if deliveries < DELIVERIES_WITHOUT_HANDLER {
                Outcome::NoHandler
            } else {
                Outcome::DeadLetter("no listener for this subject".to_owned())
            };
        };
        let mut failures = 0;
        let began = Instant::now();
        let mut pauses = backoff(LONGEST_PAUSE).build();
        while !stop.is_cancelled() {
            let failure = match self.call(handler, message).await {
                Ok(()) => return Outcome::Handled,
                Err(Failure::Undecodable(reason)) => return Outcome::DeadLetter(reason),
                Err(Failure::NotDue(wait)) => return Outcome::NotDue(wait),
                Err(Failure::Unknown(reason)) => return Outcome::Unknown(reason),
                Err(failure) => failure,
            };
            failures += u32::from(matches!(failure, Failure::Failed(_)));
            if failures == FAILURES_ALLOWED {
                return Outcome::DeadLetter(failure.to_string());
            }
            if matches!(failure, Failure::Unavailable(_)) && began.elapsed() >= GIVE_UP_AFTER {
                let is_sick = !self.store_answers().await;
                tracing::warn!(%failure, is_sick, "event given to another replica; while the store is unavailable none is taken");
                self.gate.set_store_unavailable(is_sick);
                return Outcome::Unavailable;
            }
            tracing::warn!(%failure, "event not handled, trying again");
            let _ = stop.run_until_cancelled(sleep(pauses.next().unwrap_or(LONGEST_PAUSE))).await;
        }
        Outcome::Stopped
    }

    /// Whether this replica reaches its store.
    async fn store_answers(&self) -> bool {
        let Some(checkpoints) = &self.checkpoints else { return true };
        timeout(PROBE_LIMIT, checkpoints.load()).await.is_ok_and(|loaded| loaded.is_ok())
    }

    /// Calls the handler once. A panic counts as [`Failure::Failed`], a timeout as [`Failure::Unavailable`].
    async fn call(&self, handler: &Handler<S>, message: &Message) -> Result<(), Failure> {
        let call =
            AssertUnwindSafe(async { (handler.call)(self.state.clone(), &message.payload).await }).catch_unwind();
        match timeout(HANDLER_LIMIT, call).await {
            Ok(Ok(handled)) => handled,
            Ok(Err(_)) => Err(Failure::Failed("the handler panicked".to_owned())),
            Err(_) => Err(Failure::Unavailable("the handler took too long".to_owned())),
        }
    }

    /// `None` when the process stops before the broker has acked the copy.
    async fn store_dead_letter(&self, message: &Message, reason: &str, stop: &CancellationToken) -> Option<()> {
        let sequence = message.info().map(|info| info.stream_sequence).unwrap_or_default();
        let attempt = || dead_letters::store(self.broker.jetstream(), self.service, sequence, message, reason);
        until_done("storing a dead letter", LONGEST_PAUSE, stop, attempt).await
    }

    async fn reply(&self, message: &Message, kind: AckKind, outcome: &'static str) -> &'static str {
        if let Err(error) = message.ack_with(kind).await {
            tracing::warn!(%error, "the ack was not sent, the broker will redeliver");
        }
        outcome
    }
}

enum Outcome {
    Handled,
    /// Its store is unavailable to this replica.
    Unavailable,
    /// This replica has no handler for its subject. Perhaps another one has.
    NoHandler,
    /// It is to be redelivered after this time.
    NotDue(Duration),
    /// It is about something that is not here.
    Unknown(String),
    /// It cannot be handled, for this reason.
    DeadLetter(String),
    /// The process stops: another replica gets it at once.
    Stopped,
}
