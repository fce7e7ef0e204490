//! One write for a change and its event: the aggregate document carries its own outbox.

use std::convert::Infallible;
use std::time::{Duration, Instant};

use mongodb::bson::{
    Bson, Document, RawDocumentBuf, cstr, doc, oid::ObjectId, serialize_to_bson, serialize_to_document,
};
use mongodb::bson::{RawArrayBuf, serialize_to_raw_document_buf};
use mongodb::options::ReturnDocument;
use mongodb::{Collection, Database, IndexModel};
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};

use super::StoreError;
use crate::error::ApiError;
use crate::events::Event;
use crate::id::Id;
use crate::relay::{Entry, Outbox, Pending};
use crate::service::StartError;

/// How often a stale write is decided again before it is a conflict.
const ATTEMPTS: u32 = 16;

/// The longest pause between two turns.
const LONGEST_PAUSE: Duration = Duration::from_millis(500);

/// A document that changes as a whole, under a version.
///
/// Every method that changes one raises its version by one; a method that leaves the version alone has changed nothing.
pub trait Aggregate: Clone + Serialize + DeserializeOwned + Send + Sync + Unpin {
    /// Its collection, named as the original's.
    const COLLECTION: &'static str;

    /// Its `_id`.
    fn id(&self) -> Id;

    /// How often it has changed.
    fn version(&self) -> i32;
}

/// The event of a change that nobody else hears of. It has no values.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub enum NoEvent {}

impl Event for NoEvent {
    const SUBJECT: &'static str = "";

    fn aggregate(&self) -> Id {
        match *self {}
    }
}

/// Why an aggregate did not change.
#[derive(Clone, Debug, thiserror::Error)]
pub enum ChangeError<R> {
    /// There is no such aggregate.
    #[error("not found")]
    NotFound,
    /// Its guard refused.
    #[error("refused")]
    Refused(R),
    /// The store failed.
    #[error(transparent)]
    Store(#[from] StoreError),
}

impl From<ChangeError<ApiError>> for ApiError {
    fn from(error: ChangeError<ApiError>) -> Self {
        match error {
            ChangeError::NotFound => Self::NotFound,
            ChangeError::Refused(refusal) => refusal,
            ChangeError::Store(error) => error.into(),
        }
    }
}

impl From<ChangeError<Infallible>> for ApiError {
    fn from(error: ChangeError<Infallible>) -> Self {
        match error {
            ChangeError::NotFound => Self::NotFound,
            ChangeError::Refused(never) => match never {},
            ChangeError::Store(error) => error.into(),
        }
    }
}

/// A collection of aggregates whose events are published by the relay behind the [`Outbox`]. Cheap to clone.
#[derive(Clone)]
pub struct Store<A: Aggregate> {
    documents: Collection<A>,
    outbox: Outbox,
}

impl<A: Aggregate> Store<A> {
    /// The aggregates of this database, and the way to their relay.
    pub fn new(database: &Database, outbox: Outbox) -> Self {
        Self { documents: database.collection(A::COLLECTION), outbox }
    }

    /// The documents, for queries and indexes. Writing goes through [`insert`](Self::insert) and [`change`](Self::change).
    pub fn documents(&self) -> &Collection<A> {
        &self.documents
    }

    /// Creates indexes.
    ///
    /// # Errors
    /// In the server's words, which name index and key: documents of the original may break a rule that is unique here.
    pub async fn create_indexes(&self, indexes: impl IntoIterator<Item = IndexModel>) -> Result<(), StartError> {
        super::create_indexes(&self.documents, indexes).await
    }

    /// The aggregate with this id.
    ///
    /// # Errors
    /// When the database is away, or the document is none of ours.
    pub async fn find(&self, id: Id) -> Result<Option<A>, StoreError> {
        Ok(self.documents.find_one(doc! {"_id": ObjectId::from(id)}).await?)
    }

    /// Stores a new aggregate together with its event, and publishes the event.
    ///
    /// # Errors
    /// [`StoreError::Duplicate`] when a unique index holds its key; then no event is published.
    pub async fn insert<E: Event>(&self, aggregate: &A, event: Option<E>) -> Result<(), StoreError> {
        let entries = event.map(|event| Entry::new(&event)).transpose()?.into_iter().collect::<Vec<_>>();
        let mut document = serialize_to_raw_document_buf(aggregate)?;
        let mut outbox = RawArrayBuf::new();
        for entry in &entries {
            outbox.push(serialize_to_raw_document_buf(entry)?);
        }
        document.append(cstr!("outbox"), outbox);
        self.documents.clone_with_type::<RawDocumentBuf>().insert_one(document).await?;
        self.outbox.hand(Pending { document: aggregate.id().into(), outbox: entries });
        Ok(())
    }

    /// Reads the aggregate, lets `decide` change it, and stores the change together with its event, unless somebody else
    /// changed it in between: then it is read and decided again.
    ///
    /// # Errors
    /// What `decide` refuses, unknown id, [`StoreError::Conflict`] after too many turns, a store that is away.
    pub async fn change<E: Event, R>(
        &self,
        id: Id,
        mut decide: impl FnMut(&mut A) -> Result<Option<E>, R>,
    ) -> Result<A, ChangeError<R>> {
        for attempt in 0..ATTEMPTS {
            let turn = Instant::now();
            let current = self.find(id).await?.ok_or(ChangeError::NotFound)?;
            let mut next = current.clone();
            let event = decide(&mut next).map_err(ChangeError::Refused)?;
            if next.version() == current.version() {
                return Ok(current);
            }
            if self.replace(&current, &next, event).await? {
                return Ok(next);
            }
            // The losers of a race come back at different moments, spread wider each time. The measure is how long a turn
            // takes here and now: on a busy machine a race takes longer to settle.
            let pause = (turn.elapsed() * (1 << attempt.min(7))).min(LONGEST_PAUSE);
            tokio::time::sleep(pause.mul_f64(rand::random())).await;
        }
        Err(StoreError::Conflict.into())
    }

    /// Compare and set on the version. False when the stored version is another one by now.
    async fn replace<E: Event>(&self, current: &A, next: &A, event: Option<E>) -> Result<bool, StoreError> {
        let mut update = difference(serialize_to_document(current)?, serialize_to_document(next)?);
        if let Some(event) = &event {
            update.insert("$push", doc! {"outbox": serialize_to_bson(&Entry::new(event)?)?});
        }
        // Documents of the original that never changed may lack the version.
        let version = match current.version() {
            0 => doc! {"$in": [0, Bson::Null]}.into(),
            version => Bson::from(version),
        };
        let stored = self
            .documents
            .clone_with_type::<Pending>()
            .find_one_and_update(doc! {"_id": ObjectId::from(current.id()), "version": version}, update)
            .projection(doc! {"outbox": 1})
            .return_document(ReturnDocument::After)
            .await?;
        let replaced = stored.is_some();
        if let Some(pending) = stored.filter(|pending| !pending.outbox.is_empty()) {
            self.outbox.hand(pending);
        }
        Ok(replaced)
    }
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
