//! Writes that wait at the same time go to the server together: one command and one wait for the journal.

use std::time::Duration;

use mongodb::Collection;
use mongodb::bson::{Bson, Document, RawDocumentBuf, deserialize_from_document, doc, serialize_to_bson};
use mongodb::error::{Error, ErrorKind, InsertManyError};
use opentelemetry::Context;
use opentelemetry::trace::FutureExt;
use tokio::sync::{mpsc, oneshot};
use tokio::time::{Instant, timeout, timeout_at};

use super::StoreError;
use super::error::{is_without_answer, of_code};

/// Writes of one command, at most.
const MOST: usize = 64;

/// So many are sent at once: to wait for more would save little.
const ENOUGH: usize = 16;

/// How long a write that is not urgent waits for others.
const GATHERED_FOR: Duration = Duration::from_millis(10);

/// Writes that wait for their command, at most. Further ones wait for a place.
const QUEUE: usize = 1024;

/// How long a command may take: less than a request.
const COMMAND_LIMIT: Duration = Duration::from_secs(10);

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

/// An update of one document.
#[derive(Clone, Debug)]
pub struct Update {
    filter: Document,
    /// Operators, or a pipeline.
    update: Bson,
    is_guarded: bool,
}

impl Update {
    /// Of the document that matches, which is inserted if none does. Its answer may get lost, and then it is made once more: that has to be
    /// harmless.
    pub fn upsert(filter: Document, update: impl Into<Bson>) -> Self {
        Self { filter, update: update.into(), is_guarded: false }
    }

    /// Of the document with this id that is still as the guard says; if it is not, [`StoreError::Conflict`]. `operators` set something that
    /// nobody else sets, by which it is told whether an update without an answer was made.
    ///
    /// A server counts the documents that matched a whole command. Of each update it tells only the errors, hence this is an upsert
    /// of a document that cannot be inserted.
    pub fn guarded(id: impl Into<Bson>, guard: Document, mut operators: Document) -> Self {
        let mut filter = doc! {"_id": id.into()};
        filter.extend(guard);
        operators.insert("$setOnInsert", doc! {"_id": Bson::Null});
        Self { filter, update: operators.into(), is_guarded: true }
    }

    /// The document as only this update leaves it.
    fn done(&self) -> Document {
        let mut done = doc! {"_id": self.filter.get("_id")};
        let set = self.update.as_document().and_then(|operators| operators.get_document("$set").ok());
        done.extend(set.cloned().unwrap_or_default());
        done
    }
}

impl<W> Clone for Together<W> {
    fn clone(&self) -> Self {
        Self(self.0.clone())
    }
}

/// Sends writes to one collection.
trait Command<W>: Send + 'static {
    /// What became of each, in their order.
    fn send(&mut self, writes: Vec<W>) -> impl Future<Output = Written> + Send;
}

impl<W: Send + 'static> Together<W> {
    /// Sends one command after the other. What comes meanwhile waits for the journal in any case: on its own it would not be written
    /// sooner, and would cost a command more.
    fn new(command: impl Command<W>) -> Self {
        let (sender, waiting) = mpsc::channel(QUEUE);
        tokio::spawn(send(waiting, command));
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
async fn send<W>(mut waiting: mpsc::Receiver<Waiting<W>>, mut command: impl Command<W>) {
    let mut batch = Vec::with_capacity(MOST);
    while gather(&mut waiting, &mut batch).await {
        // Nobody would be told of it any more.
        batch.retain(|waiting| !waiting.written.is_closed());
        let asked_by = batch.first().map(|first| first.asked_by.clone()).unwrap_or_default();
        let (writes, askers): (Vec<W>, Vec<_>) = batch.drain(..).map(|it| (it.write, it.written)).unzip();
        if writes.is_empty() {
            continue;
        }
        let count = writes.len();
        let late = |_| vec![Err(StoreError::Unavailable(format!("no answer within {COMMAND_LIMIT:?}"))); count];
        let written = timeout(COMMAND_LIMIT, command.send(writes)).with_context(asked_by).await.unwrap_or_else(late);
        for (asker, written) in askers.into_iter().zip(written) {
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
        Self::new(collection)
    }
}

impl Command<RawDocumentBuf> for Collection<RawDocumentBuf> {
    async fn send(&mut self, documents: Vec<RawDocumentBuf>) -> Written {
        let count = documents.len();
        match self.insert_many(documents).ordered(false).await {
            Ok(_) => vec![Ok(()); count],
            Err(error) => match error.kind.as_ref() {
                ErrorKind::InsertMany(failures) => each(count, failures),
                _ => vec![Err(error.into()); count],
            },
        }
    }
}

impl Together<Update> {
    /// Updates documents of this collection.
    pub fn updates(collection: Collection<Document>) -> Self {
        Self::new(collection)
    }
}

impl Command<Update> for Collection<Document> {
    /// A command without an answer is sent once more, as the driver does with those that it knows.
    async fn send(&mut self, updates: Vec<Update>) -> Written {
        let (mut answer, mut is_repeated) = (update(self, &updates).await, false);
        if answer.as_ref().is_err_and(is_without_answer) {
            (answer, is_repeated) = (update(self, &updates).await, true);
        }
        let count = updates.len();
        let mut written = match answer {
            Ok(failures) => each(count, &failures),
            Err(error) => vec![Err(error.into()); count],
        };
        for (update, written) in updates.into_iter().zip(&mut written).filter(|_| is_repeated) {
            if update.is_guarded && matches!(written, Err(StoreError::Conflict)) {
                let found = self.find_one(update.done()).await.map_err(StoreError::from);
                *written = found.and_then(|found| found.map(drop).ok_or(StoreError::Conflict));
            }
        }
        written
    }
}

/// The driver's own commands of many updates need a server of version 8.
async fn update(collection: &Collection<Document>, updates: &[Update]) -> Result<InsertManyError, Error> {
    let statement = |it: &Update| doc! {"q": &it.filter, "u": &it.update, "upsert": true};
    let updates: Vec<Document> = updates.iter().map(statement).collect();
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
