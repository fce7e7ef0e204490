//! Indexes, which are the first thing that a starting service asks of its database.
//!
//! On a cluster everything starts at once, and the service's user is made a moment after the database. A process that gave up
//! at once would be started again later and later.

use std::time::Duration;

use mongodb::error::{Error, ErrorKind};
use mongodb::{Collection, IndexModel};
use tokio::time::{Instant, sleep};

use super::StoreError;
use crate::service::StartError;

/// How long a starting service waits for its database.
const START_LIMIT: Duration = Duration::from_secs(60);

/// The pause between two tries that failed at once.
const PAUSE: Duration = Duration::from_millis(500);

/// How often the log says that the service still waits.
const REMIND_EVERY: Duration = Duration::from_secs(10);

/// The server's codes for a user that may not do this, and for one that it does not know.
const NOT_KNOWN_YET: [i32; 2] = [13, 18];

/// Creates indexes. A database that is away, or does not know the service's user yet, is waited for, up to a minute.
///
/// # Errors
/// In the server's words, which name index and key: documents of the original may break a rule that is unique here.
pub async fn create_indexes<T: Send + Sync>(
    collection: &Collection<T>,
    indexes: impl IntoIterator<Item = IndexModel>,
) -> Result<(), StartError> {
    create_indexes_within(START_LIMIT, collection, indexes).await
}

/// The same with another limit, after which there is no further try.
///
/// # Errors
/// Likewise.
pub async fn create_indexes_within<T: Send + Sync>(
    limit: Duration,
    collection: &Collection<T>,
    indexes: impl IntoIterator<Item = IndexModel>,
) -> Result<(), StartError> {
    let indexes: Vec<IndexModel> = indexes.into_iter().collect();
    let began = Instant::now();
    let mut reminder = began;
    loop {
        let Err(error) = collection.create_indexes(indexes.clone()).await else { break };
        if !may_pass(&error) || began.elapsed() + PAUSE > limit {
            return Err(StartError::Away(format!("no indexes on {}: {error}", collection.name())));
        }
        if Instant::now() >= reminder {
            tracing::warn!(%error, "the database is away, waiting for it");
            reminder = Instant::now() + REMIND_EVERY;
        }
        sleep(PAUSE).await;
    }
    if reminder > began {
        tracing::info!(after = ?began.elapsed(), "the database is there");
    }
    Ok(())
}

/// Whether waiting may help.
fn may_pass(error: &Error) -> bool {
    let is_unknown = match error.kind.as_ref() {
        ErrorKind::Authentication { .. } => true,
        ErrorKind::Command(command) => NOT_KNOWN_YET.contains(&command.code),
        _ => false,
    };
    is_unknown || matches!(StoreError::from(error.clone()), StoreError::Away(_))
}
