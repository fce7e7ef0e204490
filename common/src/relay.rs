//! The relay: publishes the events in the outboxes of a collection.
//!
//! The document is the truth. What is handed over in memory is only the fast way: when it is lost, because the process died,
//! the broker is unavailable or the queue is full, the sweep finds the event in its document.

use std::collections::{HashMap, HashSet};
use std::marker::PhantomData;
use std::time::Duration;

use futures::TryStreamExt;
use futures::future::join_all;
use metrics::counter;
use mongodb::bson::{DateTime, doc, oid::ObjectId};
use mongodb::options::{Acknowledgment, Hint, IndexOptions, WriteConcern};
use mongodb::{Collection, Database, IndexModel};
use tokio::sync::mpsc;
use tokio::time::{MissedTickBehavior, interval};
use tokio_util::sync::CancellationToken;

use crate::error::StartError;
use crate::mongo::{self, Aggregate};
use crate::nats::{self, Broker};
use crate::outbox::{Entry, Outbox, Pending};

/// Documents whose events are published in one go.
const BATCH: usize = 256;

/// Events that are sent before their acks are awaited. The client allows 5,000 unacknowledged messages.
const UNACKED: usize = 512;

/// How often the outboxes are searched for events that were left behind.
const SWEEP_EVERY: Duration = Duration::from_secs(2);

/// An event that is older than this counts as left behind.
const LEFT_BEHIND: Duration = Duration::from_secs(1);

const OUTBOX_INDEX: &str = "outbox";

/// Publishes the events of one collection.
pub struct Relay<A: Aggregate> {
    documents: Collection<Pending>,
    broker: Broker,
    handed: mpsc::Receiver<Pending>,
    aggregate: PhantomData<A>,
}

impl<A: Aggregate> Relay<A> {
    /// The outbox of a collection, and the relay that empties it once [run](Self::run).
    pub fn new(database: &Database, broker: Broker) -> (Outbox, Self) {
        let (outbox, handed) = Outbox::new();
        (outbox, Self { documents: database.collection(A::COLLECTION), broker, handed, aggregate: PhantomData })
    }

    /// Creates the index that the sweep reads: only documents with something in their outbox are in it.
    pub async fn create_index(&self) -> Result<(), StartError> {
        let options = IndexOptions::builder()
            .name(OUTBOX_INDEX.to_owned())
            .partial_filter_expression(doc! {"outbox.0": {"$exists": true}})
            .build();
        let index = IndexModel::builder().keys(doc! {"outbox.0.id": 1}).options(options).build();
        mongo::create_indexes(&self.documents, [index]).await
    }

    /// Publishes until `stop`, and then what was handed over before it.
    pub async fn run(mut self, stop: CancellationToken) {
        let mut sweep = interval(SWEEP_EVERY);
        sweep.set_missed_tick_behavior(MissedTickBehavior::Delay);
        let mut handed = Vec::with_capacity(BATCH);
        loop {
            tokio::select! {
                _ = self.handed.recv_many(&mut handed, BATCH) => {
                    self.publish(std::mem::take(&mut handed)).await;
                }
                _ = sweep.tick() => self.sweep(&stop).await,
                () = stop.cancelled() => break,
            }
        }
        self.handed.close();
        while self.handed.recv_many(&mut handed, BATCH).await > 0 {
            self.publish(std::mem::take(&mut handed)).await;
        }
    }

    /// Publishes what was left behind, a batch at a time, until nothing is left or the broker does not take it.
    async fn sweep(&self, stop: &CancellationToken) {
        while !stop.is_cancelled() {
            let found = match self.left_behind().await {
                Ok(found) => found,
                Err(error) => return tracing::warn!(%error, "outboxes not searched, trying again"),
            };
            let full = found.len() == BATCH;
            if !self.publish(found).await || !full {
                return;
            }
        }
    }

    async fn left_behind(&self) -> Result<Vec<Pending>, mongodb::error::Error> {
        let before = DateTime::from_millis(DateTime::now().timestamp_millis() - LEFT_BEHIND.as_millis() as i64);
        let filter = doc! {"outbox.0": {"$exists": true}, "outbox.0.at": {"$lte": before}};
        self.documents
            .find(filter)
            .hint(Hint::Name(OUTBOX_INDEX.to_owned()))
            .projection(doc! {"outbox": 1})
            .limit(BATCH as i64)
            .await?
            .try_collect()
            .await
    }

    /// Publishes the events in order, waits for the stream's acks and takes what was acked out of the documents.
    /// True when all of it worked.
    async fn publish(&self, batch: Vec<Pending>) -> bool {
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
            match self
                .broker
                .jetstream()
                .send_publish(
                    entry.subject.clone(),
                    nats::message(&entry.id, &entry.traceparent, entry.payload.clone()),
                )
                .await
            {
                Ok(ack) => acks.push(async move { (*document, *entry, ack.await) }),
                Err(error) => {
                    tracing::warn!(%error, subject = entry.subject, "event not sent, it stays in its outbox");
                    break;
                }
            }
        }
        let mut acked = 0;
        for (document, entry, ack) in join_all(acks).await {
            match ack {
                Ok(_) => {
                    counter!("events_published_total", "subject" => entry.subject.clone()).increment(1);
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
        // No need to wait for the journal: an event that comes back is published again and dropped as a duplicate.
        let unjournaled = WriteConcern::builder().w(Acknowledgment::Nodes(1)).journal(false).build();
        let emptied = self
            .documents
            .update_many(doc! {"_id": {"$in": documents}}, doc! {"$pull": {"outbox": {"id": {"$in": events}}}})
            .write_concern(unjournaled)
            .await;
        emptied.inspect_err(|error| tracing::warn!(%error, "published events not removed from their outboxes, the sweep will do it")).is_ok()
    }
}
