//! The outbox: events that stand in the document of their aggregate until the stream has them.
//!
//! The document is the truth. What is handed over in memory is only the fast way to the [relay](crate::relay).

use mongodb::bson::{DateTime, oid::ObjectId};
use serde::{Deserialize, Serialize};
use tokio::sync::mpsc;

use crate::events::Event;
use crate::id::Id;
use crate::telemetry;

/// Documents that are handed over and not yet published. Beyond that the relay's sweep takes over.
const QUEUE: usize = 4096;

/// An event in its document, waiting to be published.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Entry {
    /// The event's own id, sent as `Nats-Msg-Id`: the stream drops a second publish of the same event.
    pub id: String,
    /// Where it is published.
    pub subject: String,
    /// JSON, byte for byte as it will be sent.
    pub payload: String,
    /// When it was stored.
    pub at: DateTime,
    /// The span of the request or event that caused this one; empty when none did.
    pub traceparent: String,
}

impl Entry {
    /// An event as it is stored, in the trace of the current task.
    pub fn new<E: Event>(event: &E) -> Result<Self, serde_json::Error> {
        Ok(Self {
            id: Id::generate().to_string(),
            subject: E::SUBJECT.to_owned(),
            payload: serde_json::to_string(event)?,
            at: DateTime::now(),
            traceparent: telemetry::traceparent(),
        })
    }
}

/// What a change of an aggregate publishes: an event, an event or nothing, or never anything (`()`).
pub trait Publishes {
    /// The entry of the outbox, if there is one.
    fn entry(&self) -> Result<Option<Entry>, serde_json::Error>;
}

impl<E: Event> Publishes for E {
    fn entry(&self) -> Result<Option<Entry>, serde_json::Error> {
        Entry::new(self).map(Some)
    }
}

impl<P: Publishes> Publishes for Option<P> {
    fn entry(&self) -> Result<Option<Entry>, serde_json::Error> {
        self.as_ref().map_or(Ok(None), P::entry)
    }
}

impl Publishes for () {
    fn entry(&self) -> Result<Option<Entry>, serde_json::Error> {
        Ok(None)
    }
}

/// A document and events in its outbox, oldest first.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Pending {
    /// The aggregate.
    #[serde(rename = "_id")]
    pub document: ObjectId,
    /// Its events.
    #[serde(default)]
    pub outbox: Vec<Entry>,
}

/// The writing end: hands documents to the relay of their collection. Cheap to clone.
#[derive(Clone)]
pub struct Outbox(mpsc::Sender<Pending>);

impl Outbox {
    /// The writing end, and the end that the relay reads.
    pub fn new() -> (Self, mpsc::Receiver<Pending>) {
        let (sender, handed) = mpsc::channel(QUEUE);
        (Self(sender), handed)
    }

    /// Hands a document over, without waiting. What does not fit is found by the relay's sweep.
    pub fn hand(&self, pending: Pending) {
        let _ = self.0.try_send(pending);
    }
}
