//! Waiting a moment for what an event is about to bring.

use std::time::Duration;

use tokio::time::{Instant, sleep};

/// How long a request waits for an event that may be on its way. The caller was faster than the stream.
pub const EVENT_PATIENCE: Duration = Duration::from_secs(2);

/// Looks again, with growing pauses, until something is found or [`EVENT_PATIENCE`] is over.
///
/// # Errors
/// The first error of a look.
pub async fn wait_for<T, E, F>(look: impl Fn() -> F) -> Result<Option<T>, E>
where
    F: Future<Output = Result<Option<T>, E>>,
{
    let deadline = Instant::now() + EVENT_PATIENCE;
    let mut pause = Duration::from_millis(20);
    loop {
        if let Some(found) = look().await? {
            return Ok(Some(found));
        }
        if Instant::now() + pause > deadline {
            return Ok(None);
        }
        sleep(pause).await;
        pause = (pause * 2).min(Duration::from_millis(250));
    }
}
