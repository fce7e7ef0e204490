//! The database's clock.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::Instant;

use common::mongo::{Aggregate, StoreError, database_clock};
use common::timestamp::Timestamp;
use mongodb::bson::Document;
use mongodb::{Collection, Database};

use super::payment::Payment;

/// The clock that judges deadlines and due times, because the processes' clocks differ. Cheap to clone.
///
/// What was read last is carried on by this machine's monotonic clock, so that a write needs no further call.
#[derive(Clone)]
pub struct DatabaseClock {
    documents: Collection<Document>,
    read: Arc<Mutex<Option<(Timestamp, Instant)>>>,
}

impl DatabaseClock {
    /// The clock of this database. It is to be [read](Self::read) every few seconds.
    pub fn new(database: &Database) -> Self {
        Self { documents: database.collection(Payment::COLLECTION), read: Arc::default() }
    }

    /// Reads it.
    pub async fn read(&self) -> Result<Timestamp, StoreError> {
        let time = Timestamp::from_millis(database_clock(&self.documents).await?.timestamp_millis());
        *self.read.lock().unwrap_or_else(PoisonError::into_inner) = Some((time, Instant::now()));
        Ok(time)
    }

    /// The time by what was read last. Due times are set by it; what decides anything for good reads the clock.
    pub fn now(&self) -> Timestamp {
        match *self.read.lock().unwrap_or_else(PoisonError::into_inner) {
            Some((time, at)) => time.after(at.elapsed()),
            None => Timestamp::now(),
        }
    }
}
