//! Retries with exponential backoff (crate backon), and the two ways in which the services use them.

use std::fmt::Display;
use std::time::Duration;

use backon::{ExponentialBuilder, Retryable, Sleeper};
use tokio::time::sleep;
use tokio_util::sync::CancellationToken;

/// The first pause.
const FIRST_PAUSE: Duration = Duration::from_millis(50);

/// The first pause of a request that waits for an event.
const FIRST_LOOK: Duration = Duration::from_millis(5);

/// How long a request waits for an event that may be on its way. The caller was faster than the stream.
pub const EVENT_WAIT: Duration = Duration::from_secs(2);

/// Pauses that double, with jitter, up to about the longest one, without end.
pub fn backoff(longest: Duration) -> ExponentialBuilder {
    ExponentialBuilder::default()
        .with_min_delay(FIRST_PAUSE)
        .with_max_delay(longest)
        .with_factor(2.0)
        .with_jitter()
        .without_max_times()
}

/// Looks again until something is found or [`EVENT_WAIT`] is over. The first error of `look` ends it.
pub async fn wait_for<T, E, F>(look: impl Fn() -> F) -> Result<Option<T>, E>
where
    F: Future<Output = Result<Option<T>, E>>,
{
    // An event takes some milliseconds, so the first pauses are shorter than those after a failure.
    let pauses = backoff(Duration::from_millis(250)).with_min_delay(FIRST_LOOK).with_total_delay(Some(EVENT_WAIT));
    let attempt = async || match look().await {
        Ok(found) => found.ok_or(None),
        Err(error) => Err(Some(error)),
    };
    match attempt.retry(pauses).when(Option::is_none).await {
        Ok(found) => Ok(Some(found)),
        Err(None) => Ok(None),
        Err(Some(error)) => Err(error),
    }
}

/// Repeats an operation until it succeeds; `None` when `stop` is cancelled first. An attempt that has begun is always finished.
/// `what` goes to the log with each failure.
pub async fn until_done<T, E: Display, F>(
    what: &'static str,
    longest_pause: Duration,
    stop: &CancellationToken,
    attempt: impl FnMut() -> F,
) -> Option<T>
where
    F: Future<Output = Result<T, E>>,
{
    attempt
        .retry(backoff(longest_pause))
        .sleep(sleep_until_stopped(stop))
        .when(|_| !stop.is_cancelled())
        .notify(|error, _| tracing::warn!(%error, "{what} failed, trying again"))
        .await
        .ok()
}

/// Pauses for `Retry::sleep` that end early when `stop` is cancelled.
pub fn sleep_until_stopped(stop: &CancellationToken) -> impl Sleeper<Sleep: Send> {
    let stop = stop.clone();
    move |pause| {
        let stop = stop.clone();
        async move {
            let _ = stop.run_until_cancelled(sleep(pause)).await;
        }
    }
}
