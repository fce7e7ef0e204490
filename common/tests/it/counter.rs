use common::events::{Event, TICKET};
use common::id::{Id, as_object_id};
use common::mongo::{Aggregate, Store, StoreError};
use common::outbox::{Entry, Outbox, Publishes};
use common::relay::Relay;
use common::testing::{self, Stream};
use infra_local::Nats;
use mongodb::bson::{Document, doc, oid::ObjectId};
use mongodb::{Collection, Database};
use serde::{Deserialize, Serialize};
use tokio::task::JoinHandle;
use tokio_util::sync::CancellationToken;

/// The smallest aggregate: it counts its changes.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Counter {
    #[serde(rename = "_id", with = "as_object_id")]
    pub id: Id,
    #[serde(default)]
    pub version: i32,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub label: Option<String>,
}

impl Aggregate for Counter {
    const COLLECTION: &'static str = "counters";
    const KIND: &'static str = TICKET;

    fn id(&self) -> Id {
        self.id
    }

    fn version(&self) -> i32 {
        self.version
    }

    fn state(&self) -> Result<Option<Entry>, serde_json::Error> {
        self.event().entry()
    }
}

/// What the others hear of it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Counted {
    pub id: Id,
    pub version: i32,
}

impl Event for Counted {
    const SUBJECT: &'static str = "ticket.counted";

    fn aggregate(&self) -> Id {
        self.id
    }
}

impl Counter {
    pub fn new() -> Self {
        Self { id: Id::generate(), version: 0, label: None }
    }

    pub fn event(&self) -> Counted {
        Counted { id: self.id, version: self.version }
    }

    pub fn count(&mut self) -> Counted {
        self.version += 1;
        self.event()
    }
}

/// A database and a broker of the test's own.
pub struct Servers {
    pub nats: Nats,
    pub stream: Stream,
    pub database: Database,
}

impl Servers {
    pub async fn new() -> Self {
        let nats = testing::new_nats().await;
        let stream = Stream::open(&nats).await;
        let database = testing::open_database(&testing::new_database().await).await;
        Self { nats, stream, database }
    }

    /// An outbox and its relay, which does nothing until it runs.
    pub async fn relay(&self) -> (Outbox, Relay<Counter>) {
        let broker = testing::broker(&self.nats).await;
        testing::eventually("the broker answers", async || broker.ready().await.ok()).await;
        let (outbox, relay) = Relay::new(&self.database, broker);
        relay.create_index().await.unwrap();
        (outbox, relay)
    }

    /// Counters whose relay has died before it took anything.
    pub async fn counters_without_relay(&self) -> Store<Counter> {
        let (outbox, _) = self.relay().await;
        Store::new(&self.database, outbox)
    }

    /// Counters whose relay runs.
    pub async fn counters(&self) -> (Store<Counter>, RunningRelay) {
        let (outbox, relay) = self.relay().await;
        (Store::new(&self.database, outbox), RunningRelay::start(relay))
    }

    pub fn db_counters(&self) -> Collection<Document> {
        self.database.collection(Counter::COLLECTION)
    }

    pub async fn db_counter(&self, id: Id) -> Document {
        self.db_counters().find_one(doc! {"_id": ObjectId::from(id)}).await.unwrap().unwrap()
    }

    /// Waits until every event has been published and taken out of its document.
    pub async fn db_outboxes_empty(&self) {
        testing::eventually("the outboxes are empty", async || {
            let left = self.db_counters().count_documents(doc! {"outbox.0": {"$exists": true}}).await.unwrap();
            (left == 0).then_some(())
        })
        .await;
    }
}

pub struct RunningRelay {
    stop: CancellationToken,
    task: JoinHandle<()>,
}

impl RunningRelay {
    pub fn start(relay: Relay<Counter>) -> Self {
        let stop = CancellationToken::new();
        Self { task: tokio::spawn(relay.run(stop.clone())), stop }
    }

    pub async fn stop(self) {
        self.stop.cancel();
        self.task.await.unwrap();
    }
}

pub async fn insert(counters: &Store<Counter>) -> Counter {
    let counter = Counter::new();
    counters.insert(&counter, counter.event()).await.unwrap();
    counter
}

pub async fn count(counters: &Store<Counter>, id: Id) -> Result<Counter, StoreError> {
    counters.change(id, |counter| Ok(counter.count())).await
}

/// Only for tests that expect it: anything but a duplicate fails.
pub fn is_duplicate(result: Result<(), StoreError>) -> bool {
    match result {
        Ok(()) => false,
        Err(StoreError::Duplicate) => true,
        Err(other) => panic!("{other}"),
    }
}
