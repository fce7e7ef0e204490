//! The relay: publishes the events in the outboxes of a collection, and publishes state again that the stream has lost.
//!
//! The document is the truth. What is handed over in memory is only the fast way: when it is lost, because the process died,
//! the broker is unavailable or the queue is full, the sweep finds the event in its document.

mod left_behind;
mod publisher;
mod republish;
mod watch;

use std::pin::pin;
use std::time::Duration;

use mongodb::Database;
use tokio::sync::mpsc;
use tokio::time::sleep;
use tokio_stream::StreamExt;
use tokio_stream::wrappers::ReceiverStream;
use tokio_util::sync::CancellationToken;

use crate::error::StartError;
use crate::mongo::{Aggregate, Walk};
use crate::nats::Broker;
use crate::outbox::{Outbox, Pending};

use left_behind::LeftBehind;
use publisher::{BATCH, Published, Publisher};
use republish::Republish;
use watch::Watch;

/// How often the outboxes are searched for events that were left behind, and the stream for the last event that it acked.
const SWEEP_EVERY: Duration = Duration::from_secs(2);

/// How long published events wait for others, with which they are taken out of their documents: nobody waits for that. Shorter than the
/// time after which an event counts as left behind.
const EMPTIED_WITHIN: Duration = Duration::from_millis(250);

/// Batches that are published and wait to be taken out of their documents, at most; as many more are being taken out.
const BATCHES: usize = 32;

/// Publishes the events of one collection.
pub struct Relay<A: Aggregate> {
    handed: mpsc::Receiver<Pending>,
    publisher: Publisher,
    left_behind: LeftBehind,
    republish: Republish<A>,
}

impl<A: Aggregate> Relay<A> {
    /// The outbox of a collection, and the relay that empties it once [run](Self::run).
    pub fn new(database: &Database, broker: Broker) -> (Outbox, Self) {
        let (outbox, handed) = Outbox::new();
        let walk = Walk::new(database, A::KIND);
        let relay = Self {
            handed,
            publisher: Publisher::new(database.collection(A::COLLECTION), broker, Watch::new(database, A::KIND)),
            left_behind: LeftBehind::new(database, A::COLLECTION),
            republish: Republish::new(database, walk),
        };
        (outbox, relay)
    }

    /// Creates the indexes of the sweep, which holds only documents with something in their outbox, and of the walk over what has
    /// changed.
    pub async fn create_index(&self) -> Result<(), StartError> {
        self.left_behind.create_index().await?;
        self.republish.create_index(&self.publisher).await
    }

    /// Publishes until `stop`, and then what was handed over before it.
    pub async fn run(self, stop: CancellationToken) {
        let Self { handed, publisher, left_behind, republish } = self;
        tokio::join!(
            publish_handed(&publisher, handed, &stop),
            every(SWEEP_EVERY, &stop, || left_behind.publish(&publisher, &stop)),
            every(SWEEP_EVERY, &stop, || republish.run(&publisher, &stop)),
        );
    }
}

/// What is published is taken out of its documents while the next events are on their way.
async fn publish_handed(publisher: &Publisher, mut handed: mpsc::Receiver<Pending>, stop: &CancellationToken) {
    let (published, emptying) = mpsc::channel(BATCHES);
    let publish = async move {
        let mut batch = Vec::with_capacity(BATCH);
        while stop.run_until_cancelled(handed.recv_many(&mut batch, BATCH)).await.is_some() {
            let (sent, _) = publisher.send(std::mem::take(&mut batch)).await;
            // It is read until this ends.
            let _ = published.send(sent).await;
        }
        handed.close();
        while handed.recv_many(&mut batch, BATCH).await > 0 {
            let (sent, _) = publisher.send(std::mem::take(&mut batch)).await;
            let _ = published.send(sent).await;
        }
    };
    tokio::join!(publish, empty_published(publisher, emptying));
}

async fn empty_published(publisher: &Publisher, published: mpsc::Receiver<Published>) {
    let mut batches = pin!(ReceiverStream::new(published).chunks_timeout(BATCHES, EMPTIED_WITHIN));
    while let Some(batches) = batches.next().await {
        publisher.empty(batches.into_iter().fold(Published::default(), Published::join)).await;
    }
}

async fn every<F: Future<Output = ()>>(pause: Duration, stop: &CancellationToken, work: impl Fn() -> F) {
    while !stop.is_cancelled() {
        work().await;
        let _ = stop.run_until_cancelled(sleep(pause)).await;
    }
}
