//! One read of the database for everybody who asks for the same at about the same time.

use std::collections::HashMap;
use std::hash::Hash;
use std::sync::{Arc, Mutex, PoisonError};

use tokio::sync::{Mutex as Turns, OnceCell};

/// Answers to questions. While one is read, all who ask the same share the next read: it begins after they asked, so that nobody is told
/// what was true before. Cheap to clone.
pub struct Coalesced<Q, A>(Arc<Mutex<HashMap<Q, Next<A>>>>);

/// The read that has not begun yet, whose turn it is, and how many wait.
struct Next<A> {
    turns: Arc<Turns<()>>,
    answer: Arc<OnceCell<A>>,
    waiting: usize,
}

impl<Q, A> Default for Coalesced<Q, A> {
    fn default() -> Self {
        Self(Arc::default())
    }
}

impl<Q, A> Clone for Coalesced<Q, A> {
    fn clone(&self) -> Self {
        Self(self.0.clone())
    }
}

impl<Q: Hash + Eq + Clone, A: Clone> Coalesced<Q, A> {
    /// The answer to this question, by a read that begins after this call.
    ///
    /// # Errors
    /// Those of the read. Whoever shared it reads again, one after the other; an answer may be a `Result` that all share.
    pub async fn read<E>(&self, question: Q, read: impl AsyncFnOnce() -> Result<A, E>) -> Result<A, E> {
        let (turns, answer) = self.with(|asked| {
            let next = || Next { turns: Arc::default(), answer: Arc::default(), waiting: 0 };
            let next = asked.entry(question.clone()).or_insert_with(next);
            next.waiting += 1;
            (next.turns.clone(), next.answer.clone())
        });
        let asking = Asking { coalesced: self, question };
        let begin = async {
            let _turn = turns.lock().await;
            // Who asks from now on shares the read after this one.
            self.with(|asked| asked.get_mut(&asking.question).map(|next| next.answer = Arc::default()));
            read().await
        };
        answer.get_or_try_init(|| begin).await.cloned()
    }

    fn with<R>(&self, look: impl FnOnce(&mut HashMap<Q, Next<A>>) -> R) -> R {
        look(&mut self.0.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

/// Somebody who waits for an answer, or has gone away.
struct Asking<'a, Q: Hash + Eq + Clone, A: Clone> {
    coalesced: &'a Coalesced<Q, A>,
    question: Q,
}

impl<Q: Hash + Eq + Clone, A: Clone> Drop for Asking<'_, Q, A> {
    /// The last one leaves nothing behind.
    fn drop(&mut self) {
        self.coalesced.with(|asked| {
            if let Some(next) = asked.get_mut(&self.question) {
                next.waiting -= 1;
                if next.waiting == 0 {
                    asked.remove(&self.question);
                }
            }
        });
    }
}

#[cfg(test)]
mod tests {
    use std::convert::Infallible;
    use std::future::pending;
    use std::sync::atomic::{AtomicU32, Ordering};

    use futures::future::join_all;
    use tokio::time::{Duration, sleep, timeout};

    use super::Coalesced;

    #[tokio::test]
    async fn who_asks_during_a_read_shares_the_next_one() {
        let (coalesced, reads) = (Coalesced::default(), AtomicU32::new(0));
        let ask = async || {
            let begun = reads.load(Ordering::SeqCst);
            let read = async || {
                let number = reads.fetch_add(1, Ordering::SeqCst) + 1;
                sleep(Duration::from_millis(50)).await;
                Ok::<_, Infallible>(number)
            };
            let number = coalesced.read("the same".to_owned(), read).await.unwrap();
            assert!(number > begun, "it began before it was asked for");
        };
        let later = async || {
            sleep(Duration::from_millis(20)).await;
            ask().await;
        };
        tokio::join!(ask(), join_all((0..20).map(|_| later())));
        assert_eq!(reads.load(Ordering::SeqCst), 2);
        assert!(coalesced.0.lock().unwrap().is_empty());
    }

    #[tokio::test]
    async fn who_stops_waiting_leaves_nothing_behind() {
        let coalesced = Coalesced::<_, ()>::default();
        let ask = || {
            timeout(Duration::from_millis(10), coalesced.read("the same", async || pending::<Result<(), ()>>().await))
        };
        let (first, second) = tokio::join!(ask(), ask());
        assert!(first.is_err() && second.is_err());
        assert!(coalesced.0.lock().unwrap().is_empty());
    }
}
