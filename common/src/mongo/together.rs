//! Writes that wait at the same time go to the server together: one command and one wait for the journal.

use std::sync::Arc;
use std::time::Duration;

use mongodb::Collection;
use mongodb::bson::{Bson, Document, RawDocumentBuf, deserialize_from_document, doc, serialize_to_bson};
use mongodb::error::{ErrorKind, InsertManyError};
use opentelemetry::Context;
use opentelemetry::trace::FutureExt;
use tokio::sync::{Mutex, mpsc, oneshot};
use tokio::time::{Instant, timeout_at};

use super::StoreError;
use super::error::of_code;

/// Commands that are on their way at the same time. With one alone, a write that comes a moment after it would wait for two.
const AT_ONCE: usize = 4;

/// Writes of one command, at most.
const MOST: usize = 64;

/// So many are sent at once: to wait for more would save little.
const ENOUGH: usize = 16;

/// How long a write that is not urgent waits for others.
const GATHERED_FOR: Duration = Duration::from_millis(10);

/// Writes that wait for their command, at most. Further ones wait for a place.
const QUEUE: usize = 1024;

/// What became of each write of a command.
type Written = Vec<Result<(), StoreError>>;

/// The writing end. Cheap to clone. Whoever stops waiting takes its write back, unless it is on its way.
pub struct Together<W>(mpsc::Sender<Waiting<W>>);

struct Waiting<W> {
    write: W,
    is_urgent: bool,
    /// The span that asks for it. A command is part of the first one's trace.
    asked_by: Context,
    written: oneshot::Sender<Result<(), StoreError>>,
}

/// An update of one document, which is inserted if none matches.
#[derive(Clone, Debug)]
pub struct Upsert {
    /// Which document.
    pub filter: Document,
    /// Operators, or a pipeline.
    pub update: Bson,
}

impl<W> Clone for Together<W> {
    fn clone(&self) -> Self {
        Self(self.0.clone())
    }
}

impl<W: Send + 'static> Together<W> {
    /// Sends what waits with `command`, which answers for each write in their order.
    fn new<F>(command: impl Fn(Vec<W>) -> F + Clone + Send + 'static) -> Self
    where
        F: Future<Output = Written> + Send + 'static,
    {
        let (sender, waiting) = mpsc::channel(QUEUE);
        let waiting = Arc::new(Mutex::new(waiting));
        for _ in 0..AT_ONCE {
            tokio::spawn(send(waiting.clone(), command.clone()));
        }
        Self(sender)
    }

    /// Writes, together with what else waits.
    ///
    /// # Errors
    /// Those of this write alone.
    pub async fn write(&self, write: W) -> Result<(), StoreError> {
        self.ask(write, true).await
    }

    /// The same for a write that nobody is waiting for: it goes with the next one that is urgent or when there are enough, at the latest
    /// 10 ms later.
    ///
    /// # Errors
    /// Those of this write alone.
    pub async fn write_soon(&self, write: W) -> Result<(), StoreError> {
        self.ask(write, false).await
    }

    async fn ask(&self, write: W, is_urgent: bool) -> Result<(), StoreError> {
        let (written, answer) = oneshot::channel();
        let ended = || StoreError::Unavailable("the process ends".to_owned());
        self.0.send(Waiting { write, is_urgent, asked_by: Context::current(), written }).await.map_err(|_| ended())?;
        answer.await.unwrap_or_else(|_| Err(ended()))
    }
}

/// Ends when nobody can write any more.
async fn send<W, F>(waiting: Arc<Mutex<mpsc::Receiver<Waiting<W>>>>, command: impl Fn(Vec<W>) -> F)
where
    F: Future<Output = Written>,
{
    let mut batch = Vec::with_capacity(MOST);
    while gather(&mut *waiting.lock().await, &mut batch).await {
        // Nobody would be told of it any more.
        batch.retain(|waiting| !waiting.written.is_closed());
        let asked_by = batch.first().map(|first| first.asked_by.clone()).unwrap_or_default();
        let (writes, askers): (Vec<W>, Vec<_>) = batch.drain(..).map(|it| (it.write, it.written)).unzip();
        if writes.is_empty() {
            continue;
        }
        let written = command(writes).with_context(asked_by).await;
        for (asker, written) in askers.into_iter().zip(written) {
            // Who stopped waiting is not told.
            let _ = asker.send(written);
        }
    }
}

/// Takes what waits, and for a while what comes after it as long as nothing of it is urgent. False when nobody can write any more.
async fn gather<W>(waiting: &mut mpsc::Receiver<Waiting<W>>, batch: &mut Vec<Waiting<W>>) -> bool {
    if waiting.recv_many(batch, MOST).await == 0 {
        return false;
    }
    let until = Instant::now() + GATHERED_FOR;
    while batch.len() < ENOUGH && !batch.iter().any(|waiting| waiting.is_urgent) {
        match timeout_at(until, waiting.recv_many(batch, MOST - batch.len())).await {
            Ok(1..) => {}
            // The time is over, or nobody can write any more.
            Ok(0) | Err(_) => break,
        }
    }
    true
}

impl Together<RawDocumentBuf> {
    /// Inserts into this collection.
    pub fn inserts(collection: Collection<RawDocumentBuf>) -> Self {
        Self::new(move |documents| {
            let collection = collection.clone();
            async move {
                let count = documents.len();
                match collection.insert_many(documents).ordered(false).await {
                    Ok(_) => vec![Ok(()); count],
                    Err(error) => match error.kind.as_ref() {
                        ErrorKind::InsertMany(failures) => each(count, failures),
                        _ => vec![Err(error.into()); count],
                    },
                }
            }
        })
    }
}

impl Together<Upsert> {
    /// Updates documents of this collection.
    pub fn upserts(collection: Collection<Document>) -> Self {
        Self::new(move |upserts| {
            let collection = collection.clone();
            async move {
                let count = upserts.len();
                match upsert(&collection, upserts).await {
                    Ok(failures) => each(count, &failures),
                    Err(error) => vec![Err(error); count],
                }
            }
        })
    }
}

/// The driver's own bulk writes need a server of version 8.
async fn upsert(collection: &Collection<Document>, upserts: Vec<Upsert>) -> Result<InsertManyError, StoreError> {
    let updates = upserts.into_iter().map(|Upsert { filter, update }| doc! {"q": filter, "u": update, "upsert": true});
    let updates = updates.collect::<Vec<_>>();
    let mut command = doc! {"update": collection.name(), "updates": updates, "ordered": false};
    if let Some(concern) = collection.write_concern() {
        command.insert("writeConcern", serialize_to_bson(concern)?);
    }
    let database = collection.client().database(&collection.namespace().db);
    let reply = database.run_command(command).await?;
    // A reply has the same fields as the failures of an insert.
    Ok(deserialize_from_document(reply)?)
}

/// What became of so many writes of which these failed.
fn each(count: usize, failures: &InsertManyError) -> Written {
    let concern = failures.write_concern_error.as_ref();
    let mut written = vec![concern.map_or(Ok(()), |concern| Err(of_code(concern.code, &concern.message))); count];
    for failure in failures.write_errors.iter().flatten() {
        if let Some(written) = written.get_mut(failure.index) {
            *written = Err(of_code(failure.code, &failure.message));
        }
    }
    written
}
