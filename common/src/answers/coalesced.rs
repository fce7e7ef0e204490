//! One read of the database for everybody who asks for the same at about the same time.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

use tokio::sync::{Mutex as Turns, OnceCell};

/// Answers to questions, by their text. While one is read, all who ask the same share the next read: it begins after they asked, so
/// that nobody is told what was true before.
pub struct Coalesced<T>(Arc<Mutex<HashMap<String, Next<T>>>>);

/// The read that has not begun yet, and whose turn it is.
struct Next<T> {
    turns: Arc<Turns<()>>,
    answer: Arc<OnceCell<T>>,
}

impl<T> Default for Coalesced<T> {
    fn default() -> Self {
        Self(Arc::default())
    }
}

impl<T> Clone for Coalesced<T> {
    fn clone(&self) -> Self {
        Self(self.0.clone())
    }
}

impl<T: Clone> Coalesced<T> {
    /// The answer to this question, by a read that begins after this call.
    ///
    /// # Errors
    /// Those of the read. Whoever shared it reads again.
    pub async fn read<E>(&self, question: String, read: impl AsyncFnOnce() -> Result<T, E>) -> Result<T, E> {
        let (turns, answer) = self.with(|asked| {
            let next = || Next { turns: Arc::default(), answer: Arc::default() };
            let next = asked.entry(question.clone()).or_insert_with(next);
            (next.turns.clone(), next.answer.clone())
        });
        let begin = async {
            let _turn = turns.lock().await;
            // Who asks from now on shares the read after this one.
            self.with(|asked| asked.get_mut(&question).map(|next| next.answer = Arc::default()));
            read().await
        };
        let read = answer.get_or_try_init(|| begin).await.cloned();
        drop(turns);
        // The last one leaves nothing behind; so does whoever comes after one that went away.
        self.with(|asked| asked.retain(|_, next| Arc::strong_count(&next.turns) > 1));
        read
    }

    fn with<R>(&self, look: impl FnOnce(&mut HashMap<String, Next<T>>) -> R) -> R {
        look(&mut self.0.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

#[cfg(test)]
mod tests {
    use std::convert::Infallible;
    use std::sync::atomic::{AtomicU32, Ordering};

    use futures::future::join_all;
    use tokio::time::{Duration, sleep};

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
}
