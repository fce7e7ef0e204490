//! Threads for work that takes long on purpose, each with memory of its own that it uses again and again.
//!
//! Tokio's blocking threads would do the work too. But there are up to hundreds of them, and the allocator keeps for each what
//! it has ever used.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::mpsc::{self, Receiver, Sender};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread;
use std::time::Duration;

use common::error::ApiError;
use tokio::sync::{Semaphore, oneshot};
use tokio::time::timeout;

/// How many requests may wait for a thread; further ones are refused at once.
pub const WAITING: usize = 64;

/// How long a request waits for a thread.
const WAIT_LIMIT: Duration = Duration::from_secs(10);

/// A few threads with memory `M` each, and the queue in front of them. Cheap to clone; the threads end with the last clone.
pub struct Workers<M>(Arc<Inner<M>>);

struct Inner<M> {
    /// For whoever works or waits.
    places: Arc<Semaphore>,
    /// For whoever works.
    threads: Arc<Semaphore>,
    jobs: Sender<Job<M>>,
}

type Job<M> = Box<dyn FnOnce(&mut M) + Send>;

impl<M> Clone for Workers<M> {
    fn clone(&self) -> Self {
        Self(self.0.clone())
    }
}

impl<M: 'static> Workers<M> {
    /// Starts this many threads. Each makes its memory when it has its first work to do.
    pub fn start(threads: usize, memory: fn() -> M) -> Self {
        let (jobs, receiver) = mpsc::channel();
        let receiver = Arc::new(Mutex::new(receiver));
        for _ in 0..threads {
            let receiver = receiver.clone();
            thread::spawn(move || work(&receiver, memory));
        }
        let semaphore = |permits| Arc::new(Semaphore::new(permits));
        Self(Arc::new(Inner { places: semaphore(threads + WAITING), threads: semaphore(threads), jobs }))
    }

    /// Does this in one of the threads. When too many wait already, or the wait takes too long, the answer is 503.
    pub async fn run<T: Send + 'static>(
        &self,
        work: impl FnOnce(&mut M) -> Result<T, ApiError> + Send + 'static,
    ) -> Result<T, ApiError> {
        let Inner { places, threads, jobs } = &*self.0;
        let full = |_| ApiError::Unavailable(format!("{WAITING} requests wait for a thread that hashes"));
        let late = |_| ApiError::Unavailable(format!("no thread that hashes was free within {WAIT_LIMIT:?}"));
        let place = places.clone().try_acquire_owned().map_err(full)?;
        let thread = timeout(WAIT_LIMIT, threads.clone().acquire_owned()).await.map_err(late)?;
        let thread = thread.map_err(ApiError::internal)?;
        let (done, result) = oneshot::channel();
        let job: Job<M> = Box::new(move |memory| {
            let result = work(memory);
            // Both are taken until here, even when nobody waits for the result any more.
            drop((thread, place));
            let _ = done.send(result);
        });
        jobs.send(job).map_err(ApiError::internal)?;
        result.await.map_err(ApiError::internal)?
    }
}

fn work<M>(jobs: &Mutex<Receiver<Job<M>>>, memory: fn() -> M) {
    // One thread waits for a job, the others for their turn to wait.
    let next = || jobs.lock().unwrap_or_else(PoisonError::into_inner).recv();
    let mut kept = None;
    while let Ok(job) = next() {
        // A panic ends the job, whose caller gets an internal error, and not the thread.
        let _ = catch_unwind(AssertUnwindSafe(|| job(kept.get_or_insert_with(memory))));
    }
}
