//! Retries with backoff, and waiting for an event that has not arrived yet. The pauses are those of the crate backon.

use std::fmt::Display;
use std::time::Duration;

use backon::{BackoffBuilder, ExponentialBuilder};
use tokio::sync::watch;
use tokio::time::{Instant, sleep, timeout};
use tokio_util::sync::CancellationToken;

/// The first pause.
const FIRST_PAUSE: Duration = Duration::from_millis(50);

/// The first pause of a request that waits for an event, which takes some milliseconds.
const FIRST_LOOK: Duration = Duration::from_millis(5);

/// The same of one that is woken, as a rule.
const FIRST_LOOK_UNWOKEN: Duration = Duration::from_millis(20);

/// The longest pause between two looks.
const LONGEST_LOOK: Duration = Duration::from_millis(250);

/// How long a request waits for an event that may be on its way. The caller was faster than the stream.
pub const EVENT_WAIT: Duration = Duration::from_secs(2);

/// Pauses without end that double up to `longest`. The jitter makes each up to twice as long.
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
    wait_for_within(EVENT_WAIT, look).await
}

/// The same within another limit.
pub async fn wait_for_within<T, E, F>(limit: Duration, look: impl Fn() -> F) -> Result<Option<T>, E>
where
    F: Future<Output = Result<Option<T>, E>>,
{
    look_again(limit, FIRST_LOOK, None, look).await
}

/// The same, and looks at once whenever it is woken. What it waits for may also be another process's doing, so it looks now and then.
pub async fn wait_until_woken<T, E, F>(
    limit: Duration,
    woken: &mut watch::Receiver<()>,
    look: impl Fn() -> F,
) -> Result<Option<T>, E>
where
    F: Future<Output = Result<Option<T>, E>>,
{
    look_again(limit, FIRST_LOOK_UNWOKEN, Some(woken), look).await
}

async fn look_again<T, E, F>(
    limit: Duration,
    first_pause: Duration,
    mut woken: Option<&mut watch::Receiver<()>>,
    look: impl Fn() -> F,
) -> Result<Option<T>, E>
where
    F: Future<Output = Result<Option<T>, E>>,
{
    let deadline = Instant::now() + limit;
    let mut pauses = backoff(LONGEST_LOOK).with_min_delay(first_pause).build();
    loop {
        if let Some(found) = look().await? {
            return Ok(Some(found));
        }
        let left = deadline.saturating_duration_since(Instant::now());
        if left.is_zero() {
            return Ok(None);
        }
        let pause = pauses.next().map_or(left, |pause| pause.min(left));
        match &mut woken {
            Some(woken) => drop(timeout(pause, woken.changed()).await),
            None => sleep(pause).await,
        }
    }
}

/// Repeats an operation until it succeeds; `None` when `stop` is cancelled before. An attempt that has begun is always finished.
/// `what` goes to the log with each failure.
pub async fn until_done<T, E: Display, F>(
    what: &'static str,
    longest_pause: Duration,
    stop: &CancellationToken,
    mut attempt: impl FnMut() -> F,
) -> Option<T>
where
    F: Future<Output = Result<T, E>>,
{
    let mut pauses = backoff(longest_pause).build();
    loop {
        match attempt().await {
            Ok(done) => return Some(done),
            Err(error) => tracing::warn!(%error, "{what} failed, trying again"),
        }
        stop.run_until_cancelled(sleep(pauses.next().unwrap_or(longest_pause))).await?;
    }
}
