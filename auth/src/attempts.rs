//! The rate limit of sign-ups and sign-ins, by address.

use std::num::NonZeroU32;
use std::sync::Arc;
use std::time::Duration;

use axum::extract::{FromRef, FromRequestParts};
use axum::http::request::Parts;
use common::caller::{Caller, Network};
use common::error::ApiError;
use governor::clock::{Clock, DefaultClock};
use governor::{DefaultKeyedRateLimiter, Quota, RateLimiter};
use tokio::time::sleep;
use tokio_util::sync::CancellationToken;

/// How often addresses without recent attempts are removed.
const CLEAN_EVERY: Duration = Duration::from_secs(60);

/// Counts attempts by address. Each replica counts for itself, so a fleet of three allows up to three times as many.
#[derive(Clone)]
pub struct Attempts(Arc<DefaultKeyedRateLimiter<Network>>);

impl Attempts {
    /// Allows this many attempts within a minute, or all of them at once.
    pub fn per_minute(attempts: NonZeroU32) -> Self {
        Self(Arc::new(RateLimiter::keyed(Quota::per_minute(attempts))))
    }

    /// Removes addresses without recent attempts, until `stop`.
    pub async fn clean(self, stop: CancellationToken) {
        while stop.run_until_cancelled(sleep(CLEAN_EVERY)).await.is_some() {
            self.0.retain_recent();
            self.0.shrink_to_fit();
        }
    }
}

/// Counts an attempt of the caller's address; 429 when there were too many.
pub struct Attempt;

impl<S: Send + Sync> FromRequestParts<S> for Attempt
where
    Attempts: FromRef<S>,
{
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, ApiError> {
        let attempts = Attempts::from_ref(state);
        let network = Caller::from_request_parts(parts, state).await?.network();
        let checked = attempts.0.check_key(&network);
        checked.map(|()| Self).map_err(|not_until| too_many(not_until.wait_time_from(DefaultClock::default().now())))
    }
}

/// 429: the next attempt is taken after this time.
pub fn too_many(wait: Duration) -> ApiError {
    ApiError::limited("Too many attempts, try again later", wait)
}
