//! Writes that wait at the same time go to the server together: one command and one wait for the journal.

use std::panic::AssertUnwindSafe;
use std::time::Duration;

use futures::FutureExt as _;
use mongodb::Collection;
use mongodb::bson::{Bson, Document, RawDocumentBuf, deserialize_from_document, doc, serialize_to_bson};
use mongodb::error::{Error, ErrorKind, InsertManyError};
use opentelemetry::Context;
use opentelemetry::trace::FutureExt;
use tokio::sync::{mpsc, oneshot};
use tokio::time::{Instant, timeout, timeout_at};

use super::StoreError;
use super::error::of_code;

/// Writes of one command, at most.
const MOST: usize = 64;

/// So many are sent at once: to wait for more would save little.
const ENOUGH: usize = 16;

/// How long a write that is not urgent waits for others.
const GATHERED_FOR: Duration = Duration::from_millis(10);

/// Writes that wait for their command, at most. Further ones wait for a place.
const QUEUE: usize = 1024;

/// How long an attempt may take: longer than a search for a server.
const ATTEMPT_LIMIT: Duration = Duration::from_millis(3500);

/// How long a command may take with its second attempt: less than a listener has for an event.
const COMMAND_LIMIT: Duration = Duration::from_millis(7500);

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
    /// How the document is found once this was made. None of an update that may be made twice.
    made: Option<Document>,
}

impl Update {
    /// Of the document that matches, which is inserted if none does. It may be made twice, which has to be harmless.
    pub fn upsert(filter: Document, update: impl Into<Bson>) -> Self {
        Self { filter, update: update.into(), made: None }
    }

    /// Of the document with this id that is still as the guard says; if it is not, [`StoreError::Conflict`]. When its answer is lost, it
    /// was made if the document is as `made` says: what only this update sets, or what is as good whoever has set it.
    ///
    /// A server counts the documents that matched a whole command. Of each update it tells only the errors, hence this is an upsert
    /// of a document that cannot be inserted.
    pub fn guarded(id: impl Into<Bson>, guard: Document, mut operators: Document, made: Document) -> Self {
        let of_this = doc! {"_id": id.into()};
        let with = |further: Document| of_this.clone().into_iter().chain(further).collect::<Document>();
        operators.insert("$setOnInsert", doc! {"_id": Bson::Null});
        Self { filter: with(guard), update: operators.into(), made: Some(with(made)) }
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
    /// sooner, and would cost a command more. The price: a process writes to a collection what one command takes, 64 times, for each time
    /// that a majority needs.
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
        let unanswered = |cause: &str| vec![Err(StoreError::Unavailable(cause.to_owned())); count];
        // A panic of the driver's must not be the end of all writes.
        let sent = AssertUnwindSafe(timeout(COMMAND_LIMIT, command.send(writes)).with_context(asked_by)).catch_unwind();
        let written = match sent.await {
            Ok(Ok(written)) => written,
            Ok(Err(_)) => unanswered("the database has not answered in time"),
            Err(_) => unanswered("a command panicked"),
        };
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
    /// What is unclear afterwards is sent once more, as the driver does with the commands that it knows.
    async fn send(&mut self, updates: Vec<Update>) -> Written {
        let (mut written, was_asked) = attempt(self, updates.iter()).await;
        let is_unclear =
            |written: &Result<(), StoreError>| was_asked && matches!(written, Err(StoreError::Unavailable(_)));
        let unclear: Vec<usize> =
            written.iter().enumerate().filter(|(_, written)| is_unclear(written)).map(|(index, _)| index).collect();
        if unclear.is_empty() {
            return written;
        }
        let (again, _) = attempt(self, unclear.iter().map(|index| &updates[*index])).await;
        for (index, again) in unclear.into_iter().zip(again) {
            written[index] = match (again, &updates[index].made) {
                (Err(StoreError::Conflict), Some(made)) => is_there(self, made.clone()).await,
                (again, _) => again,
            };
        }
        written
    }
}

async fn is_there(collection: &Collection<Document>, made: Document) -> Result<(), StoreError> {
    collection.find_one(made).projection(doc! {"_id": 1}).await?.map(drop).ok_or(StoreError::Conflict)
}

/// What became of each update, and whether a server was asked at all.
async fn attempt<'a>(
    collection: &Collection<Document>,
    updates: impl ExactSizeIterator<Item = &'a Update>,
) -> (Written, bool) {
    let count = updates.len();
    match timeout(ATTEMPT_LIMIT, update(collection, updates)).await {
        Ok(Ok((failures, count_made))) => {
            let mut written = each(count, &failures);
            // It has stopped before the end, and does not say where.
            if count_made + written.iter().filter(|written| written.is_err()).count() < count {
                let left_out =
                    || Err(StoreError::Unavailable("the database has left out some of a command".to_owned()));
                written.iter_mut().filter(|written| written.is_ok()).for_each(|written| *written = left_out());
            }
            (written, true)
        }
        Ok(Err(error)) => {
            let was_asked = !matches!(error.kind.as_ref(), ErrorKind::ServerSelection { .. });
            (vec![Err(error.into()); count], was_asked)
        }
        Err(_) => (vec![Err(StoreError::Unavailable("the database does not answer".to_owned())); count], true),
    }
}

/// The failures, and how many updates were made. The driver's own commands of many updates need a server of version 8.
async fn update<'a>(
    collection: &Collection<Document>,
    updates: impl Iterator<Item = &'a Update>,
) -> Result<(InsertManyError, usize), Error> {
    let statement = |it: &Update| doc! {"q": &it.filter, "u": &it.update, "upsert": true};
    let updates: Vec<Document> = updates.map(statement).collect();
    let mut command = doc! {"update": collection.name(), "updates": updates, "ordered": false};
    if let Some(concern) = collection.write_concern() {
        command.insert("writeConcern", serialize_to_bson(concern)?);
    }
    let database = collection.client().database(&collection.namespace().db);
    let reply = database.run_command(command).await?;
    let count_made = reply.get_i32("n").ok().and_then(|count| usize::try_from(count).ok()).unwrap_or_default();
    // A reply has the same fields as the failures of an insert.
    Ok((deserialize_from_document(reply)?, count_made))
}

/// What became of so many writes of which these failed. What a majority does not have, not even a refusal, may be taken back.
fn each(count: usize, failures: &InsertManyError) -> Written {
    if let Some(concern) = &failures.write_concern_error {
        return vec![Err(of_code(concern.code, &concern.message)); count];
    }
    let mut written = vec![Ok(()); count];
    for failure in failures.write_errors.iter().flatten() {
        if let Some(written) = written.get_mut(failure.index) {
            *written = Err(of_code(failure.code, &failure.message));
        }
    }
    written
}
