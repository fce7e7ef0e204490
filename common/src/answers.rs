//! Answers that are kept in memory until something changes of what they were read from.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use axum::body::{Body, Bytes};
use axum::http::header::{CACHE_CONTROL, CONTENT_TYPE, ETAG, LINK};
use axum::http::{HeaderMap, HeaderValue};
use axum::response::{IntoResponse, Response};
use moka::sync::Cache;
use serde::Serialize;

use crate::coalesced::Coalesced;
use crate::error::ApiError;
use crate::fresh::etag;

/// How long an answer is given again while no change is noted: time passes for what it says, and a message of the broker may be missing.
const KEPT_FOR: Duration = Duration::from_secs(1);

/// Counts the changes of what answers are read from. Cheap to clone.
#[derive(Clone, Debug, Default)]
pub struct Changes(Arc<AtomicU64>);

impl Changes {
    /// Something is different from now on.
    pub fn note(&self) {
        self.0.fetch_add(1, Ordering::AcqRel);
    }

    fn count(&self) -> u64 {
        self.0.load(Ordering::Acquire)
    }
}

/// The answers to questions, by their text: those of the last second, as long as nothing has changed. Cheap to clone.
#[derive(Clone)]
pub struct Answers<A: Clone + Send + Sync + 'static> {
    kept: Cache<String, Kept<A>>,
    reads: Coalesced<String, A>,
    changes: Changes,
}

/// An answer, and how many changes were noted when it was read.
#[derive(Clone)]
struct Kept<A> {
    changes: u64,
    answer: A,
}

impl<A: Clone + Send + Sync + 'static> Answers<A> {
    /// No answers yet, and never more than so many bytes. A change that is noted ends them all.
    pub fn new(changes: Changes, most_bytes: u64, size: fn(&A) -> usize) -> Self {
        Self::kept_for(KEPT_FOR, changes, most_bytes, size)
    }

    fn kept_for(time: Duration, changes: Changes, most_bytes: u64, size: fn(&A) -> usize) -> Self {
        let weigh = move |question: &String, kept: &Kept<A>| {
            u32::try_from(question.len() + size_of::<Kept<A>>() + size(&kept.answer)).unwrap_or(u32::MAX)
        };
        let kept = Cache::builder().max_capacity(most_bytes).weigher(weigh).time_to_live(time).build();
        Self { kept, reads: Coalesced::default(), changes }
    }

    /// The answer to a question, from memory or by a read that begins after this call. Who asks during a read shares the next one.
    ///
    /// # Errors
    /// Those of the read. Nothing is kept of it.
    pub async fn get<E>(&self, question: &str, read: impl AsyncFnOnce() -> Result<A, E>) -> Result<A, E> {
        let is_current = |kept: &Kept<A>| kept.changes == self.changes.count();
        if let Some(kept) = self.kept.get(question).filter(is_current) {
            return Ok(kept.answer);
        }
        let read = async || {
            let changes = self.changes.count();
            let answer = read().await?;
            self.kept.insert(question.to_owned(), Kept { changes, answer: answer.clone() });
            Ok(answer)
        };
        self.reads.read(question.to_owned(), read).await
    }
}

/// The body of an answer as it is sent, with what a browser knows it by. Cheap to clone.
#[derive(Clone, Debug)]
pub struct JsonAnswer {
    body: Bytes,
    headers: HeaderMap,
}

impl JsonAnswer {
    /// This value as JSON, and where the list goes on.
    ///
    /// # Errors
    /// When it cannot be written as JSON.
    pub fn new(value: &impl Serialize, link: Option<String>) -> Result<Self, ApiError> {
        let body = serde_json::to_vec(value).map_err(ApiError::internal)?;
        let tag = HeaderValue::try_from(etag(&body)).map_err(ApiError::internal)?;
        let mut headers = HeaderMap::from_iter([
            (CONTENT_TYPE, HeaderValue::from_static("application/json")),
            (ETAG, tag),
            (CACHE_CONTROL, HeaderValue::from_static("no-cache")),
        ]);
        if let Some(link) = link {
            headers.insert(LINK, HeaderValue::try_from(link).map_err(ApiError::internal)?);
        }
        Ok(Self { body: body.into(), headers })
    }

    /// How much memory it takes, about.
    pub fn size(&self) -> usize {
        self.body.len() + 512
    }
}

impl IntoResponse for JsonAnswer {
    fn into_response(self) -> Response {
        (self.headers, Body::from(self.body)).into_response()
    }
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicUsize, Ordering};
    use std::time::Duration;

    use super::{Answers, Changes};

    fn answers(changes: &Changes, most_bytes: u64) -> Answers<String> {
        Answers::kept_for(Duration::from_secs(3600), changes.clone(), most_bytes, String::len)
    }

    #[tokio::test]
    async fn an_answer_is_given_again_until_a_change_is_noted() {
        let (changes, reads) = (Changes::default(), AtomicUsize::new(0));
        let answers = answers(&changes, 1 << 20);
        let read = async || Ok::<_, ()>(reads.fetch_add(1, Ordering::SeqCst).to_string());
        assert_eq!(answers.get("a", read).await.unwrap(), "0");
        assert_eq!(answers.get("a", read).await.unwrap(), "0");
        assert_eq!(answers.get("b", read).await.unwrap(), "1");
        changes.note();
        assert_eq!(answers.get("a", read).await.unwrap(), "2");
    }

    #[tokio::test]
    async fn what_was_read_while_something_changed_is_not_given_again() {
        let changes = Changes::default();
        let answers = answers(&changes, 1 << 20);
        let read = async || {
            changes.note();
            Ok::<_, ()>("before or after".to_owned())
        };
        answers.get("a", read).await.unwrap();
        assert_eq!(answers.get("a", async || Ok::<_, ()>("after".to_owned())).await.unwrap(), "after");
    }

    #[tokio::test]
    async fn a_read_that_fails_is_tried_again() {
        let answers = answers(&Changes::default(), 1 << 20);
        assert_eq!(answers.get("a", async || Err("away")).await, Err("away"));
        assert_eq!(answers.get("a", async || Ok::<_, ()>("there".to_owned())).await.unwrap(), "there");
    }

    #[tokio::test]
    async fn answers_take_no_more_memory_than_they_may() {
        let answers = answers(&Changes::default(), 100_000);
        for number in 0..1000 {
            answers.get(&number.to_string(), async || Ok::<_, ()>("x".repeat(1000))).await.unwrap();
        }
        answers.kept.run_pending_tasks();
        assert!(answers.kept.weighted_size() <= 100_000);
        assert!(answers.kept.entry_count() > 50);
    }
}
