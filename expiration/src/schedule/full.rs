//! Whether Redis has reached its memory limit and takes no new deadlines.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use metrics::gauge;

/// How often it is logged that Redis is full.
const LOG_EVERY: Duration = Duration::from_secs(30);

/// What this process saw last. Cheap to clone.
#[derive(Clone, Default)]
pub struct Full(Arc<Mutex<State>>);

#[derive(Default)]
struct State {
    is_full: bool,
    logged: Option<Instant>,
}

impl Full {
    /// Whether Redis was full when it was last asked.
    pub fn is_full(&self) -> bool {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).is_full
    }

    /// Stores what Redis answered, for operators to see.
    pub fn set(&self, is_full: bool) {
        let mut state = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if is_full && state.logged.is_none_or(|logged| logged.elapsed() >= LOG_EVERY) {
            state.logged = Some(Instant::now());
            tracing::error!(
                alert = true,
                "Redis is full and takes no deadlines, give it more memory; meanwhile the orders service ends orders some seconds late"
            );
        }
        if state.is_full && !is_full {
            tracing::info!("Redis takes deadlines again");
        }
        state.is_full = is_full;
        gauge!("expiration_redis_full").set(if is_full { 1.0 } else { 0.0 });
    }
}
