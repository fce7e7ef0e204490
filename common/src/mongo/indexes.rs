//! Indexes, which are the first thing that a starting service asks of its database.
//!
//! On a cluster everything starts at once, and the service's user is created shortly after the database is up. A process that
//! gave up at once would be restarted with longer and longer pauses.

use std::time::{Duration, Instant};

use backon::Retryable;
use mongodb::error::{Error, ErrorKind};
use mongodb::{Collection, IndexModel};

use super::StoreError;
use crate::error::StartError;
use crate::retry::backoff;

/// How long a starting service waits for its database.
const START_LIMIT: Duration = Duration::from_secs(60);

/// The longest pause between two attempts.
const LONGEST_PAUSE: Duration = Duration::from_secs(2);

/// The server's codes for a user that may not do this, and for one that it does not know.
const NOT_AUTHORIZED: [i32; 2] = [13, 18];

/// Creates indexes. A database that is unavailable, or does not know the service's user yet, is waited for, up to a minute.
///
/// The error is the server's, which names index and key: documents of the original may break a rule that is unique here.
pub async fn create_indexes<T: Send + Sync>(
    collection: &Collection<T>,
    indexes: impl IntoIterator<Item = IndexModel>,
) -> Result<(), StartError> {
    create_indexes_within(START_LIMIT, collection, indexes).await
}

/// The same with another limit, after which there is no further attempt.
pub async fn create_indexes_within<T: Send + Sync>(
    limit: Duration,
    collection: &Collection<T>,
    indexes: impl IntoIterator<Item = IndexModel>,
) -> Result<(), StartError> {
    let indexes: Vec<IndexModel> = indexes.into_iter().collect();
    let began = Instant::now();
    let created = (async || collection.create_indexes(indexes.clone()).await)
        .retry(backoff(LONGEST_PAUSE))
        .when(|error| is_temporary(error) && began.elapsed() + LONGEST_PAUSE < limit)
        .notify(|error, _| tracing::warn!(%error, "the database is unavailable, waiting for it"))
        .await;
    created.map(drop).map_err(|error| StartError::Unavailable(format!("no indexes on {}: {error}", collection.name())))
}

/// Whether waiting may help.
fn is_temporary(error: &Error) -> bool {
    let is_unknown_user = match error.kind.as_ref() {
        ErrorKind::Authentication { .. } => true,
        ErrorKind::Command(command) => NOT_AUTHORIZED.contains(&command.code),
        _ => false,
    };
    is_unknown_user || matches!(StoreError::from(error.clone()), StoreError::Unavailable(_))
}
