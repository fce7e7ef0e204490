use std::collections::{HashMap, HashSet};
use std::sync::atomic::{AtomicI64, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use bytes::Bytes;
use metrics::{counter, gauge};
use tokio::sync::broadcast::{Receiver, Sender};

use super::HEARTBEAT;
use super::frame::{Change, Frame};
use super::recent::{Missed, Recent};
use crate::config::LiveConfig;
use crate::error::ApiError;
use crate::id::Id;
use crate::timestamp::Timestamp;

/// How many batches of events wait for a client that does not read.
const QUEUE: usize = 16;

/// Nothing is known before the store was read for the first time.
const NEVER: Timestamp = Timestamp::from_millis(i64::MAX);

/// The connections that are open on this replica. Cheap to clone.
#[derive(Clone)]
pub struct Live(Arc<Shared>);

struct Shared {
    limit: usize,
    heartbeat: Duration,
    open: AtomicUsize,
    /// Everything that changed before was told: the id of events, in milliseconds since 1970.
    told_until: AtomicI64,
    state: Mutex<State>,
}

struct State {
    /// The queues of the topics that somebody listens to; `None` is for all topics.
    queues: HashMap<Option<Id>, Sender<Bytes>>,
    recent: Recent,
    has_ended: bool,
}

impl Live {
    /// Nobody is connected.
    pub fn new(config: &LiveConfig) -> Self {
        Self::with_heartbeat(config, HEARTBEAT)
    }

    /// The same where a silent connection is told after this time that it is still there; 15 s unless said otherwise.
    pub fn with_heartbeat(config: &LiveConfig, heartbeat: Duration) -> Self {
        let state = State { queues: HashMap::new(), recent: Recent::complete_after(NEVER), has_ended: false };
        Self(Arc::new(Shared {
            limit: config.live_connections,
            heartbeat,
            open: AtomicUsize::new(0),
            told_until: AtomicI64::new(Timestamp::now().millis()),
            state: Mutex::new(state),
        }))
    }

    /// The most connections that may be open.
    pub fn limit(&self) -> usize {
        self.0.limit
    }

    /// A connection of this topic, or of all, begins: its end of the queue, and what it has missed since it was here. Every one that
    /// has joined has to [leave](Self::leave).
    pub(super) fn join(
        &self,
        topic: Option<Id>,
        since: Option<Timestamp>,
    ) -> Result<(Option<Receiver<Bytes>>, Vec<u8>), ApiError> {
        if self.0.open.fetch_add(1, Ordering::Relaxed) >= self.0.limit {
            self.0.open.fetch_sub(1, Ordering::Relaxed);
            counter!("live_connections_refused_total").increment(1);
            return Err(ApiError::Unavailable(format!("{} live connections are open", self.0.limit)));
        }
        gauge!("live_connections").increment(1);
        let mut state = self.state();
        let queue = state.join(topic);
        let mut missed = Vec::new();
        match since.filter(|_| queue.is_some()).map(|since| state.recent.since(since, topic)) {
            None => {}
            Some(Missed::TooMuch) => Frame::RELOAD.append_to(&mut missed, self.told_until()),
            Some(Missed::Changes(changes)) => {
                let frames = changes.iter().filter_map(|change| change.frame_for(topic));
                frames.for_each(|frame| frame.append_to(&mut missed, self.told_until()));
            }
        }
        Ok((queue, missed))
    }

    /// After so long without an event a connection is told that it is still there.
    pub(super) fn heartbeat(&self) -> Duration {
        self.0.heartbeat
    }

    /// The id of what is sent now.
    pub(super) fn told_until(&self) -> i64 {
        self.0.told_until.load(Ordering::Relaxed)
    }

    /// A connection has ended, and its end of the queue is dropped.
    pub(super) fn leave(&self, topic: Option<Id>) {
        let mut state = self.state();
        if state.queues.get(&topic).is_some_and(|queue| queue.receiver_count() == 0) {
            state.queues.remove(&topic);
        }
        drop(state);
        self.0.open.fetch_sub(1, Ordering::Relaxed);
        gauge!("live_connections").decrement(1);
    }

    /// Whether somebody listens to this topic.
    pub(super) fn is_listened_to(&self, topic: Id) -> bool {
        self.state().queues.contains_key(&Some(topic))
    }

    /// Whether this version, or a newer one, was told.
    pub(super) fn knows(&self, id: Id, version: i32) -> bool {
        self.state().recent.knows(id, version)
    }

    /// Tells every connection what concerns it: each queue gets all at once. Returns how many were told.
    pub(super) fn tell(&self, changes: Vec<Change>) -> u32 {
        let mut state = self.state();
        let mut told = 0;
        for topic in state.concerned(&changes) {
            let mut sent = Vec::new();
            let frames = changes.iter().filter_map(|change| change.frame_for(topic));
            frames.for_each(|frame| frame.append_to(&mut sent, self.told_until()));
            told += state.send(topic, sent);
        }
        let now = Timestamp::now();
        changes.into_iter().for_each(|change| state.recent.keep(change, now));
        u32::try_from(told).unwrap_or(u32::MAX)
    }

    /// Tells every connection to load its page again.
    pub(super) fn tell_to_reload(&self) {
        let state = self.state();
        let mut sent = Vec::new();
        Frame::RELOAD.append_to(&mut sent, self.told_until());
        state.queues.values().for_each(|queue| drop(queue.send(sent.clone().into())));
    }

    /// Keeps what was read from the store, each with the time of its change, without telling anybody. After `complete_after`
    /// nothing is missing.
    pub(super) fn fill(&self, changes: Vec<(Timestamp, Change)>, complete_after: Timestamp) {
        let mut state = self.state();
        state.recent = Recent::complete_after(complete_after);
        changes.into_iter().for_each(|(at, change)| state.recent.keep(change, at));
    }

    /// Everything that changed before this moment was told.
    pub(super) fn set_told_until(&self, moment: Timestamp) {
        self.0.told_until.fetch_max(moment.millis(), Ordering::Relaxed);
    }

    /// Ends every connection, and those that come later at once: their clients come back to another replica.
    pub(super) fn end(&self) {
        let mut state = self.state();
        state.has_ended = true;
        state.queues.clear();
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.0.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl State {
    fn join(&mut self, topic: Option<Id>) -> Option<Receiver<Bytes>> {
        (!self.has_ended).then(|| self.queues.entry(topic).or_insert_with(|| Sender::new(QUEUE)).subscribe())
    }

    /// The topics that are listened to and concerned by these changes.
    fn concerned(&self, changes: &[Change]) -> HashSet<Option<Id>> {
        let topics = changes.iter().flat_map(Change::topics).map(Some).chain([None]);
        topics.filter(|topic| self.queues.contains_key(topic)).collect()
    }

    fn send(&self, topic: Option<Id>, sent: Vec<u8>) -> usize {
        // Fails only when the last connection of the topic has just gone.
        self.queues.get(&topic).map_or(0, |queue| queue.send(sent.into()).unwrap_or(0))
    }
}
