//! The limits underneath: what the same machine does with nothing of ours in between, measured in the same run.

use std::net::SocketAddr;
use std::time::{Duration, Instant};

use async_nats::jetstream::{Context, stream};
use axum::Router;
use axum::routing::get;
use axum::serve::ListenerExt;
use common::config::MongoConfig;
use common::id::Id;
use common::mongo::{CHANGED_AT, connect, unjournaled};
use futures::TryStreamExt;
use mongodb::bson::{DateTime, Document, RawDocumentBuf, doc, oid::ObjectId};
use mongodb::options::ReturnDocument;
use mongodb::{Collection, Database};
use tokio::net::TcpListener;
use tokio::task::JoinSet;

use crate::market::{self, Market};
use crate::wrk::Sent;

/// As many as wrk's connections.
pub const AT_ONCE: usize = 32;

/// What an order journey writes and reads by mongod's profiler: documents that are inserted, replicas that are brought up to date,
/// aggregates that are changed, and what is read.
const INSERTS: usize = 6;
const UPSERTS: i32 = 7;
const CHANGES: i32 = 9;
const READS: usize = 13;

/// All of them.
pub const COMMANDS: usize = INSERTS + UPSERTS as usize + CHANGES as usize + READS;

/// What bounds a figure.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Limit {
    /// An axum handler that answers with nothing, by the same versions of axum, hyper and tokio, over so many connections.
    Empty(u32),
    /// The driver finds a document by its id.
    Find,
    /// The driver finds a page of 100 documents.
    Page,
    /// The driver inserts a ticket.
    Insert,
    /// The driver makes the writes of a ticket one by one: the insert, the replica's upsert, the outbox emptied.
    Writes,
    /// JetStream acknowledges a message.
    Publish,
}

impl Limit {
    /// As in "75 % of an empty handler".
    pub fn name(self) -> &'static str {
        match self {
            Self::Empty(_) => "an empty handler",
            Self::Find => "a raw find",
            Self::Page => "a raw page of 100",
            Self::Insert => "a bare insert",
            Self::Writes => "the same raw writes",
            Self::Publish => "a raw publish",
        }
    }
}

/// What the limits are measured with.
pub struct Limits {
    empty: SocketAddr,
    tickets: Collection<RawDocumentBuf>,
    one: ObjectId,
    inserted: Collection<RawDocumentBuf>,
    replica: Collection<Document>,
    jetstream: Context,
}

impl Limits {
    /// They use the platform's own servers, and collections with the same indexes in databases of their own.
    pub async fn new(market: &Market, one: Id) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let empty = listener.local_addr().unwrap();
        let listener = listener.tap_io(|stream| stream.set_nodelay(true).unwrap());
        let app = Router::new().route("/", get(async || ()));
        tokio::spawn(async move { axum::serve(listener, app).await.unwrap() });
        let jetstream = market.stores.jetstream.clone();
        let stream =
            stream::Config { name: "BENCH".to_owned(), subjects: vec!["bench".to_owned()], ..Default::default() };
        jetstream.get_or_create_stream(stream).await.unwrap();
        let database = async |service: &str| {
            let uri = market.fleet.environment().mongo_uri(service);
            connect(&MongoConfig { mongo_uri: uri.parse().unwrap() }, "bench").await.unwrap()
        };
        let of_bench = async |service: &str| {
            let copy = database(&format!("bench-{service}")).await;
            copy_indexes(&database(service).await, &copy).await;
            copy
        };
        Self {
            empty,
            tickets: database("tickets").await.collection("tickets"),
            one: one.into(),
            inserted: of_bench("tickets").await.collection("tickets"),
            replica: of_bench("orders").await.collection("tickets"),
            jetstream,
        }
    }

    /// How often in a second.
    pub async fn measure(&self, limit: Limit, seconds: u32) -> f64 {
        match limit {
            Limit::Empty(connections) => {
                Sent::get(format!("http://{}/", self.empty)).connections(connections).run(seconds).await.rate()
            }
            Limit::Find => {
                let (tickets, one) = (self.tickets.clone(), self.one);
                let find = move |tickets: Collection<RawDocumentBuf>| async move {
                    tickets.find_one(doc! {"_id": one}).await.unwrap().unwrap();
                };
                rate(seconds, tickets, find).await
            }
            Limit::Page => {
                let find = |tickets: Collection<RawDocumentBuf>| async move {
                    let found = tickets.find(doc! {}).sort(doc! {"_id": 1}).limit(100).batch_size(101).await.unwrap();
                    assert!(found.try_collect::<Vec<_>>().await.unwrap().len() >= 100);
                };
                rate(seconds, self.tickets.clone(), find).await
            }
            Limit::Insert => {
                let insert = |tickets: Collection<RawDocumentBuf>| async move {
                    tickets.insert_one(market::new_ticket().document).await.unwrap();
                };
                rate(seconds, self.inserted.clone(), insert).await
            }
            Limit::Writes => rate(seconds, (self.inserted.clone(), self.replica.clone()), write).await,
            Limit::Publish => {
                let publish = |jetstream: Context| async move {
                    let payload = market::new_ticket().payload;
                    jetstream.publish("bench", payload.into()).await.unwrap().await.unwrap();
                };
                rate(seconds, self.jetstream.clone(), publish).await
            }
        }
    }

    /// As many writes and reads as a journey has, each by a command of its own, with tickets for everything that is stored.
    pub async fn journey(&self) {
        let new = market::new_ticket();
        self.inserted.insert_one(&new.document).await.unwrap();
        for _ in 1..INSERTS {
            self.inserted.insert_one(market::new_ticket().document).await.unwrap();
        }
        for version in 0..UPSERTS {
            let mut set = new.replica.clone();
            set.insert("version", version);
            let older = doc! {"_id": new.id, "version": {"$lt": version}};
            self.replica.update_one(older, doc! {"$set": set}).upsert(true).await.unwrap();
        }
        for version in 0..CHANGES {
            let current = doc! {"_id": new.id, "version": version};
            let next = doc! {"$set": {"version": version + 1, CHANGED_AT: DateTime::now()}};
            let changed = self.inserted.find_one_and_update(current, next).projection(doc! {"outbox": 1});
            changed.return_document(ReturnDocument::After).await.unwrap().unwrap();
        }
        for _ in 0..READS {
            self.inserted.find_one(doc! {"_id": new.id}).await.unwrap().unwrap();
        }
    }
}

/// What `POST /api/tickets` and the handling of its event write.
async fn write((tickets, replica): (Collection<RawDocumentBuf>, Collection<Document>)) {
    let new = market::new_ticket();
    tickets.insert_one(new.document).await.unwrap();
    let older = doc! {"_id": new.id, "version": {"$lt": 0}};
    replica.update_one(older, doc! {"$set": new.replica}).upsert(true).await.unwrap();
    let empty = doc! {"$pull": {"outbox": {"id": new.event}}};
    tickets.update_one(doc! {"_id": new.id}, empty).write_concern(unjournaled()).await.unwrap();
}

/// How often in a second it is done with this, by 32 tasks at the same time.
async fn rate<S: Clone + Send + 'static, F: Future<Output = ()> + Send + 'static>(
    seconds: u32,
    with: S,
    work: impl Fn(S) -> F + Clone + Send + Sync + 'static,
) -> f64 {
    let (began, length) = (Instant::now(), Duration::from_secs(seconds.into()));
    let mut tasks = JoinSet::new();
    for _ in 0..AT_ONCE {
        let (with, work) = (with.clone(), work.clone());
        tasks.spawn(async move {
            let mut times = 0u64;
            while began.elapsed() < length {
                work(with.clone()).await;
                times += 1;
            }
            times
        });
    }
    let times: u64 = tasks.join_all().await.iter().sum();
    times as f64 / began.elapsed().as_secs_f64()
}

async fn copy_indexes(from: &Database, to: &Database) {
    let indexes = from.collection::<Document>("tickets").list_indexes().await.unwrap();
    let indexes: Vec<_> = indexes.try_collect().await.unwrap();
    let further = indexes.into_iter().filter(|index| index.keys != doc! {"_id": 1});
    let further: Vec<_> = further.collect();
    if !further.is_empty() {
        to.collection::<Document>("tickets").create_indexes(further).await.unwrap();
    }
}
