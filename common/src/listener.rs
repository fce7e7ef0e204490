//! The listener loop: takes events from the stream, hands each to a plain function, and is the only place that acks.
//!
//! Messages of one aggregate are handled one after another, different aggregates at the same time. A message is acked when
//! its handler succeeded, parked when it cannot be handled, and otherwise tried again for as long as it takes.

mod dispatch;
mod durable;
mod lanes;

use std::collections::HashMap;
use std::panic::AssertUnwindSafe;
use std::sync::Arc;
use std::time::{Duration, Instant};

use async_nats::jetstream::consumer::{AckPolicy, pull};
use async_nats::jetstream::{AckKind, Message};
use futures::FutureExt;
use metrics::{counter, histogram};
use tokio::time::{sleep, timeout};
use tokio_util::sync::CancellationToken;
use tracing::Instrument;

pub use dispatch::{Failure, Handler};
use dispatch::{Handle, Prepare};
use lanes::Lanes;

use crate::events::Event;
use crate::nats::Broker;
use crate::parked;
use crate::telemetry::TraceParent;

/// Messages that are delivered and not yet acked, over all replicas of a service.
const IN_FLIGHT: i64 = 512;

/// After so long without a word the broker delivers a message again, perhaps to another replica.
const ACK_WAIT: Duration = Duration::from_secs(30);

/// How long one call of a handler may take.
const HANDLER_LIMIT: Duration = Duration::from_secs(15);

/// How often a handler may fail for another reason than something being away, before the message is parked.
const FAILURES_ALLOWED: u32 = 5;

/// A message that is given back is delivered again after this: by then this process no longer takes any.
const GIVE_BACK_AFTER: Duration = Duration::from_millis(100);

/// How often a message is given to replicas that do not listen to its subject, before it is parked: a rolling upgrade takes
/// minutes, and while it lasts every second delivery or so meets a replica that does.
const DELIVERIES_TO_STRANGERS: i64 = 100;

/// When a message that nobody here listens to is delivered again.
const NOT_OURS_AFTER: Duration = Duration::from_secs(3);

/// The longest pause before the next try; well below [`ACK_WAIT`].
const LONGEST_PAUSE: Duration = Duration::from_secs(5);

/// A service's table of listeners: one call of [`on`](Self::on) for each event.
pub struct Listeners<S> {
    service: &'static str,
    state: S,
    broker: Broker,
    ack_wait: Duration,
    handlers: HashMap<&'static str, Box<dyn Prepare<S>>>,
}

impl<S: Clone + Send + Sync + 'static> Listeners<S> {
    /// No listeners yet. The durable consumer has the service's name.
    pub fn new(service: &'static str, state: S, broker: Broker) -> Self {
        Self { service, state, broker, ack_wait: ACK_WAIT, handlers: HashMap::new() }
    }

    /// Calls the function for each event of its type.
    pub fn on<E: Event, H: for<'a> Handler<'a, S, E>>(mut self, handler: H) -> Self {
        self.handlers.insert(E::SUBJECT, Box::new(Handle::new(handler)));
        self
    }

    /// After so long without a word the broker delivers a message again; 30 s unless said otherwise. Shorter than a
    /// handler takes, it means that messages are handled twice.
    pub fn ack_wait(mut self, ack_wait: Duration) -> Self {
        self.ack_wait = ack_wait;
        self
    }

    /// The durable consumer that [`run`](Self::run) uses, and makes where it is missing and that is allowed.
    pub fn consumer(&self) -> pull::Config {
        let mut subjects: Vec<String> = self.handlers.keys().map(|subject| (*subject).to_owned()).collect();
        subjects.sort();
        pull::Config {
            durable_name: Some(self.service.to_owned()),
            ack_policy: AckPolicy::Explicit,
            ack_wait: self.ack_wait,
            max_ack_pending: IN_FLIGHT,
            filter_subjects: subjects,
            ..pull::Config::default()
        }
    }

    /// Listens until `stop`, then finishes what has begun and gives back the rest.
    pub async fn run(self, stop: CancellationToken) {
        let broker = self.broker.clone();
        let lanes = Lanes::start(Arc::new(self), stop.clone());
        let mut pause = Duration::from_millis(50);
        while !stop.is_cancelled() {
            match lanes.listen(&stop).await {
                Ok(()) => pause = Duration::from_millis(50),
                Err(cause) => {
                    tracing::warn!(cause, "not listening, trying again");
                    broker.doubt_streams();
                    let _ = stop.run_until_cancelled(sleep(pause)).await;
                    pause = (pause * 2).min(Duration::from_secs(2));
                }
            }
        }
        lanes.finish().await;
        // The last acks must be out before the process ends.
        broker.flush().await;
    }

    async fn give_back(&self, message: &Message) -> &'static str {
        self.answer(message, AckKind::Nak(Some(GIVE_BACK_AFTER)), "given back").await
    }

    /// Handles one message to its end: acked, parked, or given back because the process stops.
    async fn settle(&self, message: Message, stop: &CancellationToken) {
        let subject = message.subject.to_string();
        let trace = TraceParent::of(
            message.headers.as_ref().and_then(|headers| headers.get("traceparent")).map(|value| value.as_str()),
        );
        let span = tracing::info_span!("event", subject, trace_id = trace.trace_id());
        let started = Instant::now();
        let outcome = trace.scope(self.handle(&message, &subject, stop).instrument(span.clone())).await;
        let outcome = match outcome {
            Outcome::Handled => self.answer(&message, AckKind::Ack, "handled").await,
            Outcome::GivenBack => self.give_back(&message).await,
            Outcome::NotOurs => self.answer(&message, AckKind::Nak(Some(NOT_OURS_AFTER)), "not ours").await,
            Outcome::Hopeless(reason) => {
                span.in_scope(|| tracing::error!(reason, "event parked"));
                if self.park(&message, &reason, stop).await {
                    self.answer(&message, AckKind::Term, "parked").await
                } else {
                    self.give_back(&message).await
                }
            }
        };
        counter!("events_handled_total", "subject" => subject.clone(), "outcome" => outcome).increment(1);
        histogram!("event_seconds", "subject" => subject).record(started.elapsed());
    }

    async fn handle(&self, message: &Message, subject: &str, stop: &CancellationToken) -> Outcome {
        let Some(handler) = self.handlers.get(subject) else {
            // The consumer is shared with replicas of another version, which may listen to more than we do.
            let deliveries = message.info().map(|info| info.delivered).unwrap_or_default();
            return if deliveries < DELIVERIES_TO_STRANGERS {
                Outcome::NotOurs
            } else {
                Outcome::Hopeless("no listener for this subject".to_owned())
            };
        };
        let mut failures = 0;
        let mut pause = Duration::from_millis(50);
        loop {
            if stop.is_cancelled() {
                return Outcome::GivenBack;
            }
            let call = AssertUnwindSafe(handler.call(&self.state, &message.payload)).catch_unwind();
            let reason = match timeout(HANDLER_LIMIT, call).await {
                Ok(Ok(Ok(()))) => return Outcome::Handled,
                Ok(Ok(Err(Failure::Undecodable(reason)))) => return Outcome::Hopeless(reason),
                Ok(Ok(Err(Failure::Failed(reason)))) => {
                    failures += 1;
                    reason
                }
                Ok(Err(_)) => {
                    failures += 1;
                    "the handler panicked".to_owned()
                }
                Ok(Ok(Err(Failure::Away(reason)))) => reason,
                Err(_) => "the handler took too long".to_owned(),
            };
            if failures >= FAILURES_ALLOWED {
                return Outcome::Hopeless(reason);
            }
            tracing::warn!(reason, failures, "event not handled, trying again");
            // Tell the broker that we are still at it, or it would deliver the message to somebody else as well.
            let _ = message.ack_with(AckKind::Progress).await;
            let _ = stop.run_until_cancelled(sleep(pause)).await;
            pause = (pause * 2).min(LONGEST_PAUSE);
        }
    }

    /// True when the copy is in the stream `PARKED`; false when the process stops before.
    async fn park(&self, message: &Message, reason: &str, stop: &CancellationToken) -> bool {
        let delivery = message.info().map(|info| info.stream_sequence).unwrap_or_default();
        let mut pause = Duration::from_millis(50);
        loop {
            match parked::park(self.broker.jetstream(), self.service, delivery, message, reason).await {
                Ok(()) => return true,
                Err(error) => tracing::warn!(%error, "event not parked, trying again"),
            }
            let _ = message.ack_with(AckKind::Progress).await;
            if stop.run_until_cancelled(sleep(pause)).await.is_none() {
                return false;
            }
            pause = (pause * 2).min(LONGEST_PAUSE);
        }
    }

    async fn answer(&self, message: &Message, kind: AckKind, outcome: &'static str) -> &'static str {
        if let Err(error) = message.ack_with(kind).await {
            tracing::warn!(%error, "the broker did not hear the ack and will deliver again");
        }
        outcome
    }
}

enum Outcome {
    Handled,
    /// Nobody here listens to its subject. Perhaps another replica does.
    NotOurs,
    /// It can never be handled; the reason goes with it to the parked messages.
    Hopeless(String),
    /// The process stops: another replica gets it at once.
    GivenBack,
}
