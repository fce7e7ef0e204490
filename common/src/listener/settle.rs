//! One message to its end: acked, a dead letter, or returned to the broker.

use std::panic::AssertUnwindSafe;
use std::pin::pin;
use std::time::{Duration, Instant};

use async_nats::jetstream::{AckKind, Message};
use backon::BackoffBuilder;
use futures::FutureExt;
use opentelemetry::trace::FutureExt as _;
use tokio::time::{sleep, timeout};
use tokio_util::sync::CancellationToken;

use super::{Failure, Handler, Listeners};
use crate::dead_letters;
use crate::retry::{backoff, until_done};
use crate::telemetry::About;
use crate::telemetry::messages::Processing;

/// How long one call of a handler may take.
const HANDLER_LIMIT: Duration = Duration::from_secs(8);

/// A message whose store stays unavailable for so long is given to another replica. With [`HANDLER_LIMIT`] it is below 10 s.
const GIVE_UP_AFTER: Duration = Duration::from_secs(5);

/// When such a message is redelivered.
const UNAVAILABLE_DELAY: Duration = Duration::from_secs(1);

/// How long the store may take to answer before it counts as unavailable.
const PROBE_LIMIT: Duration = Duration::from_secs(2);

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

/// How a message ends in order; whatever else becomes of it is an error.
const HANDLED: &str = "handled";
const NOT_DUE: &str = "not due";
const STOPPED: &str = "stopped";

impl<S: Clone + Send + Sync + 'static> Listeners<S> {
    /// Returns a message to the broker, for another replica.
    pub(super) async fn nak(&self, message: &Message) -> &'static str {
        self.reply(message, AckKind::Nak(Some(NAK_DELAY)), STOPPED).await
    }

    /// Handles one message to its end: acked, a dead letter, or returned because the process stops.
    pub(super) async fn settle(&self, message: &Message, stop: &CancellationToken) {
        let subject = message.subject.as_str();
        let about = || self.aggregate_of(message);
        let processing = Processing::begin(subject, message.headers.as_ref(), self.service, about);
        let log = About::Event { subject: message.subject.clone(), cause: processing.cause() };
        // Pinned here: to move it into what wraps it would be to copy it.
        let settled = pin!(self.handle_and_reply(message, subject, stop));
        let outcome = log.scope(settled).with_context(processing.context()).await;
        let is_in_order = matches!(outcome, HANDLED | NOT_DUE | STOPPED);
        processing.end(if is_in_order { "" } else { outcome });
    }

    async fn handle_and_reply(&self, message: &Message, subject: &str, stop: &CancellationToken) -> &'static str {
        match self.handle(message, subject, stop).await {
            Outcome::Handled => {
                self.gate.handled();
                self.reply(message, AckKind::Ack, HANDLED).await
            }
            Outcome::Unavailable => self.reply(message, AckKind::Nak(Some(UNAVAILABLE_DELAY)), "unavailable").await,
            Outcome::Stopped => self.nak(message).await,
            Outcome::Unknown(reason) => {
                let payload = String::from_utf8_lossy(&message.payload);
                tracing::error!(reason, %payload, alert = true, "event about a document that this service does not have");
                self.reply(message, AckKind::Ack, "unknown").await
            }
            Outcome::NotDue(wait) => self.reply(message, AckKind::Nak(Some(wait)), NOT_DUE).await,
            Outcome::NoHandler => self.reply(message, AckKind::Nak(Some(NO_HANDLER_DELAY)), "no handler").await,
            Outcome::DeadLetter(reason) => {
                tracing::error!(reason, "event became a dead letter");
                self.gate.dead_letter();
                match self.store_dead_letter(message, &reason, stop).await {
                    Some(()) => self.reply(message, AckKind::Term, "dead letter").await,
                    None => self.nak(message).await,
                }
            }
        }
    }

    async fn handle(&self, message: &Message, subject: &str, stop: &CancellationToken) -> Outcome {
        if !self.gate.is_open() {
            return Outcome::Unavailable;
        }
        let Some(handler) = self.handlers.0.get(subject) else {
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
                Ok(()) => {
                    self.broker.arrivals().note(|| self.aggregate_of(message));
                    return Outcome::Handled;
                }
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
    pub(super) async fn store_answers(&self) -> bool {
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
