//! The rate limit of sign-ups and sign-ins, by address.

use std::num::NonZeroU32;
use std::time::Duration;

use axum::extract::{FromRef, FromRequestParts};
use axum::http::request::Parts;
use common::caller::{Caller, Network};
use common::error::ApiError;
use common::limits::{PerMinute, clean_until};
use tokio_util::sync::CancellationToken;

/// Counts attempts by address. Each replica counts for itself, so a fleet of three allows up to three times as many.
#[derive(Clone)]
pub struct Attempts(PerMinute<Network>);

impl Attempts {
    /// Allows this many attempts within a minute, or all of them at once.
    pub fn per_minute(attempts: NonZeroU32) -> Self {
        Self(PerMinute::new(attempts))
    }

    /// Forgets addresses without recent attempts, until `stop`.
    pub async fn clean(self, stop: CancellationToken) {
        clean_until(&stop, || self.0.clean()).await;
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
        attempts.0.count(&network).map(|()| Self).map_err(too_many)
    }
}

/// 429: the next attempt is taken after this time.
pub fn too_many(wait: Duration) -> ApiError {
    ApiError::limited("Too many attempts, try again later", wait)
}
