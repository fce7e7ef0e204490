//! The database's clock.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::Instant;

use common::mongo::StoreError;
use common::timestamp::Timestamp;
use mongodb::Database;
use mongodb::bson::{DateTime, doc};

/// The clock that judges deadlines and due times, because the processes' clocks differ. Cheap to clone.
///
/// What was read last is carried on by this machine's monotonic clock, so that a write needs no further call.
#[derive(Clone)]
pub struct DatabaseClock {
    database: Database,
    read: Arc<Mutex<Option<(Timestamp, Instant)>>>,
}

impl DatabaseClock {
    /// The clock of this database. It is to be [read](Self::read) every few seconds.
    pub fn new(database: &Database) -> Self {
        Self { database: database.clone(), read: Arc::default() }
    }

    /// Reads it.
    pub async fn read(&self) -> Result<Timestamp, StoreError> {
        let answer = self.database.run_command(doc! {"hello": 1}).await?;
        let time = answer.get_datetime("localTime").copied().unwrap_or_else(|_| DateTime::now());
        let time = Timestamp::from_millis(time.timestamp_millis());
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
