//! Threads for work that takes long on purpose, each with memory of its own that it uses again for as long as there is work.
//!
//! Tokio's blocking threads would do the work too. But there are up to hundreds of them, and the allocator keeps for each what
//! it has ever used.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::mpsc::{self, Receiver, Sender};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::thread;
use std::time::Duration;

use common::error::ApiError;
use tokio::sync::{Semaphore, oneshot};
use tokio::time::timeout;

/// How many requests may wait for a thread; further ones are refused at once.
pub const WAITING: usize = 64;

/// How long a request waits for a thread.
const WAIT_LIMIT: Duration = Duration::from_secs(10);

/// After how long without work a thread gives its memory back.
const IDLE: Duration = Duration::from_secs(1);

/// A few threads with memory `M` each, and the queue in front of them. Cheap to clone; the threads end with the last clone.
pub struct Workers<M>(Arc<Inner<M>>);

struct Inner<M> {
    /// For whoever works or waits.
    places: Arc<Semaphore>,
    /// For whoever works.
    threads: Arc<Semaphore>,
    /// The threads without work, the one that worked last at the end.
    idle: Mutex<Vec<Sender<Job<M>>>>,
}

type Job<M> = Box<dyn FnOnce(&mut M) + Send>;

impl<M> Clone for Workers<M> {
    fn clone(&self) -> Self {
        Self(self.0.clone())
    }
}

impl<M: 'static> Workers<M> {
    /// Starts this many threads. Each makes its memory when it has work to do.
    pub fn start(threads: usize, memory: fn() -> M) -> Self {
        let start = |_| {
            let (jobs, receiver) = mpsc::channel();
            thread::spawn(move || work(&receiver, memory));
            jobs
        };
        let semaphore = |permits| Arc::new(Semaphore::new(permits));
        Self(Arc::new(Inner {
            places: semaphore(threads + WAITING),
            threads: semaphore(threads),
            idle: Mutex::new((0..threads).map(start).collect()),
        }))
    }

    /// Does this in one of the threads. When too many wait already, or the wait takes too long, the answer is 503.
    pub async fn run<T: Send + 'static>(
        &self,
        work: impl FnOnce(&mut M) -> Result<T, ApiError> + Send + 'static,
    ) -> Result<T, ApiError> {
        let full = |_| ApiError::Unavailable(format!("{WAITING} requests wait for a thread that hashes"));
        let late = |_| ApiError::Unavailable(format!("no thread that hashes was free within {WAIT_LIMIT:?}"));
        let place = self.0.places.clone().try_acquire_owned().map_err(full)?;
        let permit = timeout(WAIT_LIMIT, self.0.threads.clone().acquire_owned()).await.map_err(late)?;
        let permit = permit.map_err(ApiError::internal)?;
        let thread = self.0.idle().pop().ok_or_else(|| ApiError::internal("no thread is idle"))?;
        let (done, result) = oneshot::channel();
        let (workers, itself) = (self.0.clone(), thread.clone());
        let job: Job<M> = Box::new(move |memory| {
            let result = catch_unwind(AssertUnwindSafe(|| work(memory)));
            // It works until here, even when nobody waits for the result any more.
            workers.idle().push(itself);
            drop((permit, place));
            let panicked = |_| Err(ApiError::internal("a thread that hashes has panicked"));
            let _ = done.send(result.unwrap_or_else(panicked));
        });
        thread.send(job).map_err(ApiError::internal)?;
        result.await.map_err(ApiError::internal)?
    }
}

impl<M> Inner<M> {
    fn idle(&self) -> MutexGuard<'_, Vec<Sender<Job<M>>>> {
        self.idle.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn work<M>(jobs: &Receiver<Job<M>>, memory: fn() -> M) {
    while let Ok(job) = jobs.recv() {
        let mut memory = memory();
        job(&mut memory);
        while let Ok(job) = jobs.recv_timeout(IDLE) {
            job(&mut memory);
        }
    }
}
