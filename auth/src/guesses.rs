//! Guesses at a password: after some that failed, each further one has to wait.

use std::hash::{BuildHasher, RandomState};
use std::sync::Arc;

use axum::http::{HeaderMap, HeaderValue};
use common::caller::Caller;
use common::config::SessionConfig;
use common::error::{ApiError, StartError};
use common::id::Id;
use mongodb::Database;
use tokio::sync::{Mutex, MutexGuard};

use crate::attempts::too_many;
use crate::device::Devices;
use crate::models::email::Email;
use crate::models::failures::{Counted, Failures};

/// More than there are threads that hash, so that few addresses share a turn.
const TURNS: usize = 256;

/// Counts guesses at the passwords of addresses, whether or not they have an account. Cheap to clone.
///
/// A device on which the account has signed in before is counted by itself: nobody can lock it out from elsewhere.
#[derive(Clone)]
pub struct Guesses {
    failures: Failures,
    devices: Devices,
    /// The guesses at one address are taken one after the other in this replica. So those with the right password are not refused
    /// because of the ones that are still being checked.
    turns: Arc<[Mutex<()>]>,
    /// Nobody can know which addresses share a turn.
    hashing: RandomState,
}

/// A guess that is counted as failed until it is known to be right.
pub struct Guess<'a> {
    guesses: &'a Guesses,
    whose: String,
    failure: i32,
    _turn: MutexGuard<'a, ()>,
}

impl Guesses {
    /// The guesses that are counted in this database.
    pub fn new(config: &SessionConfig, database: &Database) -> Self {
        Self {
            failures: Failures::new(database),
            devices: Devices::new(config),
            turns: (0..TURNS).map(|_| Mutex::default()).collect(),
            hashing: RandomState::new(),
        }
    }

    /// Creates the indexes.
    pub async fn create_indexes(&self) -> Result<(), StartError> {
        self.failures.create_indexes().await
    }

    /// Counts a guess at this address, which may have an account; 429 in a pause.
    pub async fn at_address(
        &self,
        email: &Email,
        account: Option<Id>,
        headers: &HeaderMap,
    ) -> Result<Guess<'_>, ApiError> {
        let device = account.and_then(|account| self.device(headers, account));
        self.begin(device.unwrap_or_else(|| address(email.as_str()))).await
    }

    /// Counts a guess of somebody who has a session of this account; 429 in a pause.
    pub async fn of_account(&self, account: Id, headers: &HeaderMap) -> Result<Guess<'_>, ApiError> {
        self.begin(self.device(headers, account).unwrap_or_else(|| format!("account:{account}"))).await
    }

    fn device(&self, headers: &HeaderMap, account: Id) -> Option<String> {
        self.devices.recognise(headers, account).map(|device| format!("device:{device}"))
    }

    async fn begin(&self, whose: String) -> Result<Guess<'_>, ApiError> {
        let turn = usize::try_from(self.hashing.hash_one(&whose) % TURNS as u64).unwrap_or(0);
        let turn = self.turns[turn].lock().await;
        match self.failures.count(&whose).await? {
            Counted::As(failure) => Ok(Guess { guesses: self, whose, failure, _turn: turn }),
            Counted::Paused(pause) => Err(too_many(pause)),
        }
    }

    /// The `Set-Cookie` value that makes this device known to an account which has just proved to be its owner's.
    pub fn mark(&self, headers: &HeaderMap, caller: Caller, account: Id) -> Result<HeaderValue, ApiError> {
        self.devices.mark(headers, caller, account)
    }

    /// Forgets the failures at an address whose owner has proved to be it in another way.
    pub async fn forget(&self, email: &str) -> Result<(), ApiError> {
        Ok(self.failures.forget(&address(email)).await?)
    }
}

fn address(email: &str) -> String {
    format!("address:{email}")
}

impl Guess<'_> {
    /// The password was right. A failure here does not fail the sign-in: what is counted is forgotten later.
    pub async fn was_right(self) {
        if let Err(error) = self.guesses.failures.forget(&self.whose).await {
            tracing::warn!(%error, "failed sign-ins were not forgotten after one that succeeded");
        }
    }

    /// The password was not compared, for a reason of ours.
    pub async fn take_back(self) {
        if let Err(error) = self.guesses.failures.take_back(&self.whose, self.failure).await {
            tracing::warn!(%error, "a sign-in that could not be decided stays counted as failed");
        }
    }
}
