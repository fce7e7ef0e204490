//! One write for a change and its event: the aggregate document carries its own outbox.

use std::time::Duration;

use backon::{BackoffBuilder, ExponentialBuilder};
use moka::sync::Cache;
use mongodb::bson::{
    Bson, DateTime, Document, RawArrayBuf, RawDocumentBuf, cstr, doc, oid::ObjectId, serialize_to_bson,
    serialize_to_document, serialize_to_raw_document_buf,
};
use mongodb::{Collection, Database, IndexModel};
use serde::Serialize;
use serde::de::DeserializeOwned;
use tokio::time::sleep;

use super::walk::{CHANGED_AT, Walk};
use super::{StoreError, Together, Update};
use crate::answers::Changes;
use crate::error::StartError;
use crate::events::StateRequested;
use crate::id::Id;
use crate::outbox::{Entry, Outbox, Pending, Publishes};

/// How often a stale write is decided again before it is a conflict.
const RETRIES: usize = 24;

/// The first and the longest pause before a stale write is decided again. The losers of a race come back at different
/// times, by the jitter.
const PAUSES: (Duration, Duration) = (Duration::from_millis(1), Duration::from_millis(250));

/// A document that changes as a whole, under a version.
///
/// Every method that changes one raises its version; a method that leaves the version alone has changed nothing.
pub trait Aggregate: Clone + Serialize + DeserializeOwned + Send + Sync + Unpin + 'static {
    /// Its collection, named as the original's.
    const COLLECTION: &'static str;

    /// The first word of its events' subjects, under which other services request its state: one of [`KINDS`](crate::events::KINDS).
    const KIND: &'static str;

    /// Its `_id`.
    fn id(&self) -> Id;

    /// How often it has changed.
    fn version(&self) -> i32;

    /// The event of its present state under a new id, by which it is republished; `None` when it has never had one.
    fn state(&self) -> Result<Option<Entry>, serde_json::Error>;

    /// What is computed from its fields and stored beside them with every write, so that queries find it.
    ///
    /// # Errors
    /// When it cannot be written as BSON.
    fn derived(&self) -> Result<Document, StoreError> {
        Ok(Document::new())
    }
}

/// The most events that wait in one outbox. Every event carries the state of its aggregate, so that the newest say it all.
const OUTBOX_LIMIT: i32 = 8;

/// For how long a change takes what was written for what is stored. The version decides whether it is. What others write without raising
/// the version (when a payment is due, whether a rule was checked) may be as old.
const WRITTEN_FOR: Duration = Duration::from_secs(1);

/// Written aggregates in memory, at most.
const MOST_WRITTEN: u64 = 1000;

/// A collection of aggregates whose events are published by the relay behind the [`Outbox`]. Cheap to clone.
#[derive(Clone)]
pub struct Store<A: Aggregate> {
    documents: Collection<A>,
    inserts: Together<RawDocumentBuf>,
    updates: Together<Update>,
    outbox: Outbox,
    walk: Walk,
    changes: Changes,
    /// What this process has just written: the next change need not read it.
    written: Cache<Id, A>,
}

impl<A: Aggregate> Store<A> {
    /// The aggregates of this database, and the way to their relay.
    pub fn new(database: &Database, outbox: Outbox) -> Self {
        let (documents, walk) = (database.collection(A::COLLECTION), Walk::new(database, A::KIND));
        let inserts = Together::inserts(database.collection(A::COLLECTION));
        let updates = Together::updates(database.collection(A::COLLECTION));
        let written = Cache::builder().max_capacity(MOST_WRITTEN).time_to_live(WRITTEN_FOR).build();
        Self { documents, inserts, updates, outbox, walk, changes: Changes::default(), written }
    }

    /// Counts the writes of this process, and those of others that it is told of.
    pub fn changes(&self) -> &Changes {
        &self.changes
    }

    /// The documents, for queries and indexes. Writing goes through [`insert`](Self::insert) and [`change`](Self::change).
    pub fn documents(&self) -> &Collection<A> {
        &self.documents
    }

    /// Creates indexes, as [`create_indexes`](super::create_indexes) does.
    pub async fn create_indexes(&self, indexes: impl IntoIterator<Item = IndexModel>) -> Result<(), StartError> {
        super::create_indexes(&self.documents, indexes).await
    }

    /// The aggregate with this id.
    pub async fn find(&self, id: Id) -> Result<Option<A>, StoreError> {
        Ok(self.documents.find_one(doc! {"_id": ObjectId::from(id)}).await?)
    }

    /// The aggregate as this process wrote it within the last second, and a majority has it. Somebody else may have changed it since: it
    /// is for what never changes, and for what may be done again.
    pub fn written(&self, id: Id) -> Option<A> {
        self.written.get(&id)
    }

    /// The same, else the aggregate as it is stored.
    pub async fn recall(&self, id: Id) -> Result<Option<A>, StoreError> {
        match self.written(id) {
            Some(written) => Ok(Some(written)),
            None => self.find(id).await,
        }
    }

    /// Stores a new aggregate together with its event, and publishes the event.
    ///
    /// # Errors
    /// [`StoreError::Duplicate`] when a unique index holds its key; then no event is published.
    pub async fn insert(&self, aggregate: &A, event: impl Publishes) -> Result<(), StoreError> {
        let entries: Vec<Entry> = event.entry()?.into_iter().collect();
        let mut document = serialize_to_raw_document_buf(&Stored { aggregate, derived: aggregate.derived()? })?;
        let mut outbox = RawArrayBuf::new();
        for entry in &entries {
            outbox.push(serialize_to_raw_document_buf(entry)?);
        }
        document.append(cstr!("outbox"), outbox);
        document.append(cstr!("changedAt"), DateTime::now());
        self.inserts.write(document).await?;
        self.note_written(aggregate);
        self.outbox.hand(Pending { document: aggregate.id().into(), outbox: entries });
        Ok(())
    }

    /// Publishes the aggregate's present state again. It is handed to the relay and not stored: whoever needs it asks again.
    pub fn republish(&self, aggregate: &A) -> Result<(), StoreError> {
        let outbox: Vec<Entry> = aggregate.state()?.into_iter().collect();
        self.outbox.hand(Pending { document: aggregate.id().into(), outbox });
        Ok(())
    }

    /// Answers a request for state: republishes the aggregate that is asked for, or stores that all that changed since then
    /// are to be republished by the relay. Requests for other aggregates are ignored.
    pub async fn republish_requested(&self, request: &StateRequested) -> Result<(), StoreError> {
        match request {
            request if request.of != A::KIND => Ok(()),
            StateRequested { id: Some(id), .. } => match self.find(*id).await? {
                Some(aggregate) => self.republish(&aggregate),
                None => Ok(()),
            },
            StateRequested { id: None, since, .. } => self.walk.begin(*since).await,
        }
    }

    /// Reads the aggregate, lets `decide` change it, and stores the change together with its event, unless somebody else
    /// changed it in between: then it is read and decided again.
    ///
    /// # Errors
    /// What `decide` refuses; [`StoreError::NotFound`] for an unknown id; [`StoreError::Conflict`] after too many turns.
    pub async fn change<P: Publishes, F: From<StoreError>>(
        &self,
        id: Id,
        mut decide: impl FnMut(&mut A) -> Result<P, F>,
    ) -> Result<A, F> {
        let mut pauses = ExponentialBuilder::default()
            .with_min_delay(PAUSES.0)
            .with_max_delay(PAUSES.1)
            .with_max_times(RETRIES)
            .with_jitter()
            .build();
        // Only what is stored refuses: somebody else may have changed what was written.
        if let Some(written) = self.written.remove(&id) {
            let mut next = written.clone();
            if let Ok(event) = decide(&mut next)
                && next.version() != written.version()
                && self.replace(&written, &next, event).await?
            {
                return Ok(next);
            }
        }
        loop {
            let current = self.find(id).await?.ok_or(StoreError::NotFound)?;
            let mut next = current.clone();
            let event = decide(&mut next)?;
            if next.version() == current.version() {
                return Ok(current);
            }
            if self.replace(&current, &next, event).await? {
                return Ok(next);
            }
            sleep(pauses.next().ok_or(StoreError::Conflict)?).await;
        }
    }

    fn note_written(&self, aggregate: &A) {
        self.changes.note();
        self.written.insert(aggregate.id(), aggregate.clone());
    }

    /// Compare and set on the version. False when the stored version is another one by now.
    async fn replace(&self, current: &A, next: &A, event: impl Publishes) -> Result<bool, StoreError> {
        let mut after = serialize_to_document(&Stored { aggregate: next, derived: next.derived()? })?;
        let now = DateTime::now();
        after.insert(CHANGED_AT, now);
        let mut operators = difference(serialize_to_document(current)?, after);
        let outbox: Vec<Entry> = event.entry()?.into_iter().collect();
        if let Some(entry) = outbox.first() {
            let push = doc! {"$each": [serialize_to_bson(entry)?], "$slice": -OUTBOX_LIMIT};
            operators.insert("$push", doc! {"outbox": push});
        }
        // Documents of the original that never changed may lack the version.
        let version = match current.version() {
            0 => doc! {"$in": [0, Bson::Null]}.into(),
            version => Bson::from(version),
        };
        let made = doc! {"version": next.version(), CHANGED_AT: now};
        let update = Update::guarded(ObjectId::from(current.id()), doc! {"version": version}, operators, made);
        match self.updates.write(update).await {
            Err(StoreError::Conflict) => return Ok(false),
            written => written?,
        }
        self.note_written(next);
        if !outbox.is_empty() {
            self.outbox.hand(Pending { document: next.id().into(), outbox });
        }
        Ok(true)
    }
}

/// An aggregate as it is written.
#[derive(Serialize)]
struct Stored<'a, A> {
    #[serde(flatten)]
    aggregate: &'a A,
    #[serde(flatten)]
    derived: Document,
}

/// The update that turns one form of a document into another and leaves fields that neither knows as they are.
fn difference(before: Document, after: Document) -> Document {
    let unset: Document =
        before.keys().filter(|key| !after.contains_key(*key)).map(|key| (key.clone(), Bson::from(""))).collect();
    let set: Document = after.into_iter().filter(|(key, value)| before.get(key) != Some(value)).collect();
    let mut update = Document::new();
    for (operator, fields) in [("$set", set), ("$unset", unset)] {
        if !fields.is_empty() {
            update.insert(operator, fields);
        }
    }
    update
}
