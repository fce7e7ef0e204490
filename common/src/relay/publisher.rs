//! Sends events, waits for the stream's acks and takes what was acked out of the documents.

use std::collections::{HashMap, HashSet};

use futures::future::join_all;
use mongodb::Collection;
use mongodb::bson::{doc, oid::ObjectId};

use super::watch::Watch;
use crate::mongo;
use crate::nats::{self, Broker};
use crate::outbox::{Entry, Pending};
use crate::telemetry;
use crate::telemetry::messages::Publishing;

/// Documents whose events are published in one go.
pub const BATCH: usize = 256;

/// Events that are sent before their acks are awaited. The client allows 5,000 unacknowledged messages.
const UNACKED: usize = 512;

/// The way of one collection's events to the stream.
pub struct Publisher {
    documents: Collection<Pending>,
    broker: Broker,
    watch: Watch,
}

impl Publisher {
    /// Publishes the events of these documents.
    pub fn new(documents: Collection<Pending>, broker: Broker, watch: Watch) -> Self {
        Self { documents, broker, watch }
    }

    /// The connection.
    pub fn broker(&self) -> &Broker {
        &self.broker
    }

    /// What the stream must still hold.
    pub fn watch(&self) -> &Watch {
        &self.watch
    }

    /// Publishes the events in order, waits for the stream's acks and takes what was acked out of the documents.
    /// True when all of it worked.
    pub async fn publish(&self, batch: Vec<Pending>) -> bool {
        if batch.is_empty() {
            return true;
        }
        if let Err(cause) = self.broker.ready().await {
            tracing::debug!(cause, "events stay in their outboxes");
            return false;
        }
        // A document that changed twice in a row is handed over twice, the first event in both.
        let mut seen = HashSet::new();
        let entries: Vec<(ObjectId, &Entry)> = (batch.iter())
            .flat_map(|pending| pending.outbox.iter().map(|entry| (pending.document, entry)))
            .filter(|(_, entry)| seen.insert(&entry.id))
            .collect();
        let mut published: HashMap<ObjectId, Vec<&str>> = HashMap::new();
        let mut all = true;
        for unacked in entries.chunks(UNACKED) {
            all = self.publish_together(unacked, &mut published).await;
            if !all {
                self.broker.recheck_streams();
                break;
            }
        }
        all & self.empty(published).await
    }

    /// Sends some events and then waits for their acks. True when every one was acked.
    async fn publish_together<'a>(
        &self,
        entries: &[(ObjectId, &'a Entry)],
        published: &mut HashMap<ObjectId, Vec<&'a str>>,
    ) -> bool {
        let mut acks = Vec::with_capacity(entries.len());
        for (document, entry) in entries {
            let cause = telemetry::parent(&entry.traceparent);
            let publishing = Publishing::begin(&entry.subject, &entry.id, &cause);
            let message = nats::message(&entry.id, &publishing.traceparent(), entry.payload.clone());
            match self.broker.jetstream().send_publish(entry.subject.clone(), message).await {
                Ok(ack) => acks.push(async move {
                    let ack = ack.await;
                    publishing.end(ack.is_ok());
                    (*document, *entry, ack)
                }),
                Err(error) => {
                    publishing.end(false);
                    tracing::warn!(%error, subject = entry.subject, "event not sent, it stays in its outbox");
                    break;
                }
            }
        }
        let mut acked = 0;
        for (document, entry, ack) in join_all(acks).await {
            match ack {
                Ok(ack) => {
                    if !ack.duplicate {
                        self.watch.acked(ack.sequence, &entry.id);
                    }
                    published.entry(document).or_default().push(&entry.id);
                    acked += 1;
                }
                Err(error) => {
                    tracing::warn!(%error, subject = entry.subject, "event not acked, it stays in its outbox")
                }
            }
        }
        acked == entries.len()
    }

    async fn empty(&self, published: HashMap<ObjectId, Vec<&str>>) -> bool {
        if published.is_empty() {
            return true;
        }
        let documents: Vec<ObjectId> = published.keys().copied().collect();
        let events: Vec<&str> = published.into_values().flatten().collect();
        let empty = doc! {"$pull": {"outbox": {"id": {"$in": events}}}, "$unset": {"relay": ""}};
        // No need to wait for the journal: an event that comes back is published again and dropped as a duplicate.
        let emptied = self
            .documents
            .update_many(doc! {"_id": {"$in": documents}}, empty)
            .write_concern(mongo::unjournaled())
            .await;
        emptied.inspect_err(|error| tracing::warn!(%error, "published events not removed from their outboxes, the sweep will do it")).is_ok()
    }
}
