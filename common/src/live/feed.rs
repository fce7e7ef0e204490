use std::collections::{HashMap, HashSet};
use std::mem;
use std::time::Duration;

use async_nats::{Message, Subscriber};
use futures::{FutureExt, StreamExt};
use serde::Deserialize;
use tokio::time::{Instant, sleep, sleep_until};
use tokio_util::sync::CancellationToken;

use super::changed::{Changed, changed_since, read_changed};
use super::frame::Change;
use super::hub::Live;
use super::recent::KEPT;
use super::{MARGIN, MOST_RESUMED};
use crate::id::Id;
use crate::mongo::{Aggregate, Store, StoreError};
use crate::nats::Broker;
use crate::timestamp::Timestamp;

/// How often the store is asked what has changed, in case a message was missed.
const LOOK_EVERY: Duration = Duration::from_secs(5);

/// How often while messages may be missing: the broker is unavailable or has just come back, or the store did not answer.
const LOOK_OFTEN: Duration = Duration::from_secs(1);

/// Documents that are read at once.
const BATCH: usize = 256;

/// The pause after connections were told something, for each of them: writing to ten thousand takes a core some 0.1 s. What changes
/// meanwhile they are told at once.
const PAUSE_PER_CONNECTION: Duration = Duration::from_micros(25);

/// The longest of these pauses.
const LONGEST_PAUSE: Duration = Duration::from_millis(400);

/// Before anything.
const EVER: Timestamp = Timestamp::from_millis(i64::MIN);

/// The aggregates whose changes are told, and how.
pub trait Source: Send + Sync + 'static {
    /// Their events are published under its kind.
    type Aggregate: Aggregate;

    /// Only what somebody listens to is read: the topic of an aggregate is its own id, and there are no connections of all topics.
    const ONLY_LISTENED_TO: bool;

    /// The aggregates.
    fn store(&self) -> &Store<Self::Aggregate>;

    /// A message of one of them has arrived.
    fn handle(&self, _message: &Message) {}

    /// What connections are told of these aggregates, as they are now.
    fn changes(&self, aggregates: Vec<Self::Aggregate>)
    -> impl Future<Output = Result<Vec<Change>, StoreError>> + Send;
}

/// Tells the connections what has changed.
pub struct Feed<S> {
    live: Live,
    broker: Broker,
    source: S,
    /// Everything that changed before was told. Nothing is known before the store was read for the first time.
    told_until: Option<Timestamp>,
    /// Aggregates that have changed, and that nobody was told of.
    pending: HashSet<Id>,
    tell_at: Instant,
    look_at: Instant,
    /// The broker was unavailable: what it delivers may not be complete yet.
    was_interrupted: bool,
}

/// What is read of any event of an aggregate.
#[derive(Deserialize)]
struct Versioned {
    id: Id,
    #[serde(default)]
    version: i32,
}

impl<S: Source> Feed<S> {
    /// From this source to these connections.
    pub fn new(live: Live, broker: Broker, source: S) -> Self {
        Self {
            live,
            broker,
            source,
            // Without connections of all topics nobody resumes: a connection begins with what is so when it is made.
            told_until: S::ONLY_LISTENED_TO.then(Timestamp::now),
            pending: HashSet::new(),
            tell_at: Instant::now(),
            look_at: Instant::now(),
            was_interrupted: false,
        }
    }

    /// The connections that are told.
    pub fn live(&self) -> &Live {
        &self.live
    }

    /// Tells them until `stop`, and then ends all connections.
    pub async fn run(mut self, stop: CancellationToken) {
        stop.run_until_cancelled(self.follow()).await;
        self.live.end();
    }

    async fn follow(&mut self) {
        let mut interruptions = self.broker.interruptions();
        let mut messages = self.subscribe().await;
        loop {
            tokio::select! {
                Some(message) = messages.next() => {
                    self.handle(&message);
                    while let Some(Some(message)) = messages.next().now_or_never() {
                        self.handle(&message);
                    }
                }
                Ok(()) = interruptions.changed() => {
                    self.was_interrupted = true;
                    self.look_at = Instant::now();
                }
                () = sleep_until(self.look_at) => self.look().await,
                () = sleep_until(self.tell_at), if !self.pending.is_empty() => self.tell_pending().await,
            }
        }
    }

    /// The client library subscribes again whenever it has connected again.
    async fn subscribe(&self) -> Subscriber {
        let subject = format!("{}.*", S::Aggregate::KIND);
        loop {
            match self.broker.client().subscribe(subject.clone()).await {
                Ok(messages) => return messages,
                Err(error) => {
                    tracing::warn!(%error, subject, "not subscribed, trying again");
                    sleep(LOOK_OFTEN).await;
                }
            }
        }
    }

    fn handle(&mut self, message: &Message) {
        self.source.store().changes().note();
        self.source.handle(message);
        match serde_json::from_slice(&message.payload) {
            Ok(Versioned { id, version }) => self.pending.extend(Some(id).filter(|id| self.is_untold(*id, version))),
            Err(error) => tracing::debug!(%error, subject = %message.subject, "a message has no id"),
        }
    }

    fn is_untold(&self, id: Id, version: i32) -> bool {
        (!S::ONLY_LISTENED_TO || self.live.is_listened_to(id)) && !self.live.knows(id, version)
    }

    /// Tells of a batch of pending changes. Before the next there is a pause.
    async fn tell_pending(&mut self) {
        let pause = match self.tell_batch().await {
            Ok(told) => LONGEST_PAUSE.min(PAUSE_PER_CONNECTION * told),
            Err(error) => {
                tracing::warn!(%error, "live connections not told, trying again");
                LOOK_OFTEN
            }
        };
        self.tell_at = Instant::now() + pause;
    }

    async fn tell_batch(&mut self) -> Result<u32, StoreError> {
        let batch: Vec<Id> = self.pending.iter().copied().take(BATCH).collect();
        let changes = self.read(&batch).await?;
        for id in &batch {
            self.pending.remove(id);
        }
        Ok(self.live.tell(changes))
    }

    /// What connections are told of those of these aggregates that have changed since they were told last.
    async fn read(&self, ids: &[Id]) -> Result<Vec<Change>, StoreError> {
        let since = self.told_until.map_or(EVER, |told_until| told_until.before(MARGIN));
        let aggregates = read_changed(self.source.store(), ids, since).await?;
        let untold = aggregates.into_iter().filter(|aggregate| self.is_untold(aggregate.id(), aggregate.version()));
        self.source.changes(untold.collect()).await
    }

    /// Tells of what was missed.
    async fn look(&mut self) {
        let looked = self.look_into_store().await;
        if let Err(error) = &looked {
            tracing::warn!(%error, "what has changed was not read, trying again");
        }
        let is_certain = looked.is_ok() && self.broker.is_connected() && !mem::take(&mut self.was_interrupted);
        self.look_at = Instant::now() + if is_certain { LOOK_EVERY } else { LOOK_OFTEN };
    }

    async fn look_into_store(&mut self) -> Result<(), StoreError> {
        let now = Timestamp::now();
        let since = self.told_until.map_or(EVER, |told_until| told_until.before(MARGIN));
        let changed = changed_since(self.source.store(), since, KEPT).await?;
        let untold =
            || changed.iter().filter(|changed| self.is_untold(changed.id, changed.version)).map(|changed| changed.id);
        if self.told_until.is_none() {
            self.fill(&changed).await?;
        } else if untold().count() > MOST_RESUMED {
            self.fill(&changed).await?;
            self.live.tell_to_reload();
        } else {
            let untold: Vec<Id> = untold().collect();
            self.pending.extend(untold);
            while !self.pending.is_empty() {
                self.tell_batch().await?;
            }
        }
        self.told_until = Some(now);
        self.live.set_told_until(now);
        Ok(())
    }

    /// Remembers these changes, the latest first, in place of what was remembered, and tells nobody.
    async fn fill(&self, changed: &[Changed]) -> Result<(), StoreError> {
        let changed_at: HashMap<Id, Timestamp> = changed.iter().map(|changed| (changed.id, changed.at)).collect();
        let mut remembered = Vec::new();
        for batch in changed.chunks(BATCH) {
            let ids: Vec<Id> = batch.iter().map(|changed| changed.id).collect();
            let aggregates = read_changed(self.source.store(), &ids, EVER).await?;
            let changes = self.source.changes(aggregates).await?;
            remembered.extend(changes.into_iter().map(|change| (changed_at[&change.id], change)));
        }
        let is_all = changed.len() < KEPT;
        let oldest = changed.last().map(|changed| changed.at).filter(|_| !is_all);
        self.live.fill(remembered, oldest.unwrap_or(EVER));
        Ok(())
    }
}
