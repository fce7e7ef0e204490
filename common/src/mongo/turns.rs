//! Documents that a sweep comes back to, with growing pauses, until something has happened to them.
//!
//! When a document's next turn comes is stored in it and judged by the database's clock, so that replicas share the work and
//! agree on the time. A document that cannot be read has had its turn like any other: it blocks nobody.

use std::time::Duration;

use mongodb::Collection;
use mongodb::bson::{DateTime, Document, doc};
use mongodb::options::{Acknowledgment, ReturnDocument, WriteConcern};
use serde::{Deserialize, Serialize};
use tokio_util::sync::CancellationToken;

use super::StoreError;

/// Turns after which the pause no longer grows: it is at its longest long before.
const MOST_DOUBLINGS: i32 = 30;

/// Documents that a sweep deals with in one go.
pub const BATCH: usize = 256;

/// Batches that follow each other without a pause: lost data leaves many at once.
const BATCHES: usize = 16;

/// A document's next turn, as it is stored.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Turn {
    /// When it comes; [`UNPLANNED`](Self::UNPLANNED) until a sweep has stored it.
    pub at: DateTime,
    /// How many there were.
    #[serde(default)]
    pub tries: i32,
}

impl Turn {
    /// Stands for the time of a first turn that is not planned yet: only the database's clock counts.
    pub const UNPLANNED: DateTime = DateTime::from_millis(0);

    /// The first turn, at this time.
    pub const fn first(at: DateTime) -> Self {
        Self { at, tries: 0 }
    }
}

/// Deals with one batch after another, as long as they are full; `batch` says how many documents it dealt with.
pub async fn in_batches<E, F>(stop: &CancellationToken, batch: impl Fn() -> F) -> Result<(), E>
where
    F: Future<Output = Result<usize, E>>,
{
    for _ in 0..BATCHES {
        if stop.is_cancelled() || batch().await? < BATCH {
            break;
        }
    }
    Ok(())
}

/// The turns of the documents of a collection, in a field that holds a [`Turn`], beside the fields of the aggregate.
#[derive(Clone, Copy, Debug)]
pub struct Turns {
    /// The field.
    pub field: &'static str,
    /// The pause after the first turn. Each further one is twice as long.
    pub first: Duration,
    /// The longest pause.
    pub longest: Duration,
}

impl Turns {
    /// Takes a document whose turn has come, and stores when it has its next: no other replica takes it before.
    ///
    /// `due` selects it, by the time of [`database_clock`] and the field's `at`. Nothing waits for the journal: a turn that is
    /// taken twice after a crash is harmless.
    pub async fn take<T: Send + Sync>(
        &self,
        documents: &Collection<T>,
        due: Document,
        order: Document,
    ) -> Result<Option<Document>, StoreError> {
        let millis = |pause: Duration| pause.as_millis() as i64;
        let tries = doc! {"$ifNull": [format!("${}.tries", self.field), 0]};
        let pause = doc! {"$min": [
            millis(self.longest),
            {"$multiply": [millis(self.first), {"$pow": [2, tries.clone()]}]},
        ]};
        let next = doc! {
            "at": {"$add": ["$$NOW", pause]},
            "tries": {"$min": [MOST_DOUBLINGS, {"$add": [tries, 1]}]},
        };
        let taken = documents
            .clone_with_type::<Document>()
            .find_one_and_update(due, vec![doc! {"$set": {self.field: next}}])
            .sort(order)
            .return_document(ReturnDocument::After)
            .write_concern(unjournaled())
            .await?;
        Ok(taken)
    }

    /// The name of the field's due time, for queries and indexes.
    pub fn at(&self) -> String {
        format!("{}.at", self.field)
    }

    /// The name of the field's count of turns.
    pub fn tries(&self) -> String {
        format!("{}.tries", self.field)
    }
}

/// For what may be lost with a crash, because it is done again.
pub fn unjournaled() -> WriteConcern {
    WriteConcern::builder().w(Acknowledgment::Nodes(1)).journal(false).build()
}

/// The time by the clock of the database, for due times that several processes judge.
pub async fn database_clock<T: Send + Sync>(documents: &Collection<T>) -> Result<DateTime, StoreError> {
    let database = documents.client().database(&documents.namespace().db);
    let hello = database.run_command(doc! {"hello": 1}).await?;
    hello.get_datetime("localTime").copied().map_err(|error| StoreError::Other(error.to_string()))
}
