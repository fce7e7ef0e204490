//! How often something may be done within a minute, counted in memory: each replica counts for itself.

use std::hash::Hash;
use std::num::NonZeroU32;
use std::sync::Arc;
use std::time::Duration;

use axum::http::request::Parts;
use governor::clock::{Clock, DefaultClock};
use governor::{DefaultKeyedRateLimiter, Quota, RateLimiter};
use tokio::time::sleep;
use tokio_util::sync::CancellationToken;

use crate::caller::Network;
use crate::config::WritesConfig;
use crate::error::ApiError;
use crate::id::Id;

/// How often keys whose whole allowance is there again are forgotten.
const CLEAN_EVERY: Duration = Duration::from_secs(60);

/// With so many keys they are forgotten at once. What is left are those that did something within one share of their minute, and of
/// these nobody can make as many.
const MOST_KEYS: usize = 100_000;

/// A limit for each key. Cheap to clone.
#[derive(Clone)]
pub struct PerMinute<K: Hash + Eq + Clone>(Arc<DefaultKeyedRateLimiter<K>>);

impl<K: Hash + Eq + Clone> PerMinute<K> {
    /// So often within a minute, or all at once.
    pub fn new(times: NonZeroU32) -> Self {
        Self(Arc::new(RateLimiter::keyed(Quota::per_minute(times))))
    }

    /// Counts once more for this key.
    ///
    /// # Errors
    /// When it was too often, with the time after which it is worth another try.
    pub fn count(&self, key: &K) -> Result<(), Duration> {
        if self.0.len() >= MOST_KEYS {
            self.0.retain_recent();
        }
        self.0.check_key(key).map_err(|not_until| not_until.wait_time_from(DefaultClock::default().now()))
    }

    /// Forgets the keys that have not been counted lately.
    pub fn clean(&self) {
        self.0.retain_recent();
        self.0.shrink_to_fit();
    }
}

/// Forgets from time to time what limits need not know any more, until `stop`.
pub async fn clean_until(stop: &CancellationToken, clean: impl Fn()) {
    while stop.run_until_cancelled(sleep(CLEAN_EVERY)).await.is_some() {
        clean();
    }
}

/// How much each account and each address may write. Cheap to clone.
#[derive(Clone)]
pub struct Writes {
    accounts: PerMinute<Id>,
    addresses: PerMinute<Network>,
}

impl Writes {
    /// By these settings.
    pub fn new(config: &WritesConfig) -> Self {
        Self {
            accounts: PerMinute::new(config.writes_per_minute),
            addresses: PerMinute::new(config.address_writes_per_minute),
        }
    }

    /// Counts a request that changes something; 429 when its address had too many.
    pub fn count_address(&self, address: Network) -> Result<(), ApiError> {
        self.addresses.count(&address).map_err(too_many)
    }

    /// Forgets who has not written lately, until `stop`.
    pub async fn clean(self, stop: CancellationToken) {
        clean_until(&stop, || {
            self.accounts.clean();
            self.addresses.clean();
        })
        .await;
    }
}

/// Counts a request of this account, if it is one that changes something: only those carry the counter. 429 when it had too many.
pub fn count_account(request: &Parts, account: Id) -> Result<(), ApiError> {
    let writes = request.extensions.get::<Writes>();
    writes.map_or(Ok(()), |writes| writes.accounts.count(&account).map_err(too_many))
}

fn too_many(wait: Duration) -> ApiError {
    ApiError::limited("Too many requests, try again later", wait)
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::{MOST_KEYS, PerMinute};

    #[test]
    fn each_key_has_its_own_allowance_and_is_told_when_there_is_more() {
        let limit = PerMinute::new(2.try_into().unwrap());
        assert_eq!([limit.count(&"a"), limit.count(&"a"), limit.count(&"b")], [Ok(()); 3]);
        let wait = limit.count(&"a").unwrap_err();
        assert!(!wait.is_zero() && wait <= Duration::from_secs(30), "{wait:?}");
    }

    #[test]
    fn it_keeps_a_bounded_number_of_keys() {
        let limit = PerMinute::new(u32::MAX.try_into().unwrap());
        for key in 0..3 * MOST_KEYS {
            limit.count(&key).unwrap();
            assert!(limit.0.len() <= MOST_KEYS);
        }
    }
}
