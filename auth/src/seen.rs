//! When sessions were seen last. Asking who is signed in must not wait for the database, and happens with every page: it is noted in
//! memory and stored once a minute.

use std::collections::HashSet;
use std::mem;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use common::id::Id;
use common::mongo::Store;
use tokio::time::sleep;
use tokio_util::sync::CancellationToken;

use crate::models::session::{self, Session};

/// How often it is stored.
const EVERY: Duration = Duration::from_secs(60);

/// The most sessions that are noted in between. What is beyond was seen, and nobody knows it.
const MOST: usize = 100_000;

/// Sessions that are stored at once.
const BATCH: usize = 1000;

/// The sessions that were seen since they were stored. Cheap to clone.
#[derive(Clone, Default)]
pub struct Seen(Arc<Mutex<HashSet<Id>>>);

impl Seen {
    /// A session was seen now.
    pub fn note(&self, session: Id) {
        let mut noted = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if noted.len() < MOST {
            noted.insert(session);
        }
    }

    /// Stores what was noted, again and again, and once more at `stop`.
    pub async fn store(self, sessions: Store<Session>, stop: CancellationToken) {
        while stop.run_until_cancelled(sleep(EVERY)).await.is_some() {
            self.store_noted(&sessions).await;
        }
        self.store_noted(&sessions).await;
    }

    /// Stores what was noted.
    pub async fn store_noted(&self, sessions: &Store<Session>) {
        let noted: Vec<Id> =
            mem::take(&mut *self.0.lock().unwrap_or_else(PoisonError::into_inner)).into_iter().collect();
        for batch in noted.chunks(BATCH) {
            if let Err(error) = session::seen(sessions, batch).await {
                tracing::warn!(%error, "when sessions were seen last was not stored");
                return;
            }
        }
    }
}
