//! Sends events, waits for the stream's acks and takes what was acked out of the documents.

use std::collections::HashSet;
use std::sync::{Mutex, MutexGuard, PoisonError};

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

/// Events that the stream has and that still stand in their documents.
#[derive(Default)]
pub struct Published {
    documents: HashSet<ObjectId>,
    events: Vec<String>,
}

impl Published {
    /// With those of others.
    pub fn join(mut self, other: Self) -> Self {
        self.documents.extend(other.documents);
        self.events.extend(other.events);
        self
    }
}

/// The way of one collection's events to the stream.
pub struct Publisher {
    documents: Collection<Pending>,
    broker: Broker,
    watch: Watch,
    /// Events that the stream has and that are about to be taken out. The sweep may find them in their documents until then.
    emptying: Mutex<HashSet<String>>,
}

impl Publisher {
    /// Publishes the events of these documents.
    pub fn new(documents: Collection<Pending>, broker: Broker, watch: Watch) -> Self {
        Self { documents, broker, watch, emptying: Mutex::default() }
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
        let (published, all) = self.send(batch).await;
        all & self.empty(published).await
    }

    /// The first half: the events that the stream has, and whether those are all.
    pub async fn send(&self, batch: Vec<Pending>) -> (Published, bool) {
        let mut published = Published::default();
        if batch.is_empty() {
            return (published, true);
        }
        if let Err(cause) = self.broker.ready().await {
            tracing::debug!(cause, "events stay in their outboxes");
            return (published, false);
        }
        // What the sweep has found may have been handed over as well.
        let mut seen: HashSet<&str> = HashSet::new();
        let entries: Vec<(ObjectId, &Entry)> = {
            let emptying = self.emptying();
            (batch.iter())
                .flat_map(|pending| pending.outbox.iter().map(|entry| (pending.document, entry)))
                .filter(|(_, entry)| !emptying.contains(&entry.id) && seen.insert(&entry.id))
                .collect()
        };
        let mut all = true;
        for unacked in entries.chunks(UNACKED) {
            all = self.publish_together(unacked, &mut published).await;
            if !all {
                self.broker.recheck_streams();
                break;
            }
        }
        self.emptying().extend(published.events.iter().cloned());
        (published, all)
    }

    /// Sends some events and then waits for their acks. True when every one was acked.
    async fn publish_together(&self, entries: &[(ObjectId, &Entry)], published: &mut Published) -> bool {
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
                    published.documents.insert(document);
                    published.events.push(entry.id.clone());
                    acked += 1;
                }
                Err(error) => {
                    tracing::warn!(%error, subject = entry.subject, "event not acked, it stays in its outbox")
                }
            }
        }
        acked == entries.len()
    }

    /// The second half: takes these events out of their documents.
    pub async fn empty(&self, Published { documents, events }: Published) -> bool {
        if documents.is_empty() {
            return true;
        }
        let documents: Vec<ObjectId> = documents.into_iter().collect();
        let empty = doc! {"$pull": {"outbox": {"id": {"$in": &events}}}, "$unset": {"relay": ""}};
        // No need to wait for the journal: an event that comes back is published again and dropped as a duplicate.
        let emptied = self
            .documents
            .update_many(doc! {"_id": {"$in": documents}}, empty)
            .write_concern(mongo::unjournaled())
            .await;
        let mut emptying = self.emptying();
        for event in &events {
            emptying.remove(event);
        }
        emptied.inspect_err(|error| tracing::warn!(%error, "published events not removed from their outboxes, the sweep will do it")).is_ok()
    }

    fn emptying(&self) -> MutexGuard<'_, HashSet<String>> {
        self.emptying.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
