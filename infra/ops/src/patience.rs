//! Waiting for what is not there yet: with a limit, with growing pauses, and saying what is awaited.

use std::time::Duration;

use anyhow::{Error, Result, bail};
use tokio::time::{Instant, sleep, timeout_at};

use crate::words::in_words;

const FIRST_PAUSE: Duration = Duration::from_millis(50);
const LONGEST_PAUSE: Duration = Duration::from_secs(2);

/// What came of one attempt that did not fail for good.
#[derive(Debug)]
pub enum Attempt<T> {
    /// It succeeded.
    Done(T),
    /// It may succeed later; this is what was in the way.
    NotYet(Error),
}

/// The time that a command has for all of its waiting.
#[derive(Clone, Copy, Debug)]
pub struct Patience {
    limit: Duration,
    until: Instant,
}

impl Patience {
    /// From now on.
    pub fn of(limit: Duration) -> Self {
        Self { limit, until: Instant::now() + limit }
    }

    /// Tries again and again, and prints what is in the way whenever that changes.
    ///
    /// # Errors
    /// What an attempt fails with for good, or, when the time is over, what was in the way last.
    pub async fn keep_trying<T>(&self, what: &str, mut attempt: impl AsyncFnMut() -> Result<Attempt<T>>) -> Result<T> {
        let mut pause = FIRST_PAUSE;
        let mut obstacle = "no answer".to_owned();
        while let Ok(result) = timeout_at(self.until, attempt()).await {
            let reason = match result? {
                Attempt::Done(value) => return Ok(value),
                Attempt::NotYet(error) => in_words(&error),
            };
            if reason != obstacle {
                println!("waiting for {what}: {reason}");
                obstacle = reason;
            }
            if Instant::now() + pause >= self.until {
                break;
            }
            sleep(pause).await;
            pause = (pause * 2).min(LONGEST_PAUSE);
        }
        bail!("waited {} s for {what} in vain: {obstacle}", self.limit.as_secs())
    }
}
