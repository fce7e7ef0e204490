//! The latest changes, for clients that come back: none of them makes the store read anything.

use std::collections::{BTreeMap, HashMap};

use super::frame::Change;
use super::{MARGIN, MOST_RESUMED};
use crate::id::Id;
use crate::timestamp::Timestamp;

/// So many are remembered, of each aggregate the latest only. More than can come between two looks into the store, or the second
/// look would tell of them again.
pub const KEPT: usize = 4096;

/// The latest changes, each with the time when it was told.
pub struct Recent {
    by_time: BTreeMap<(Timestamp, Id), Change>,
    told_at: HashMap<Id, Timestamp>,
    /// What changed after this moment is here.
    complete_after: Timestamp,
}

/// What a client that comes back has missed.
pub enum Missed {
    /// These changes, the oldest first.
    Changes(Vec<Change>),
    /// More than is told one by one.
    TooMuch,
}

impl Recent {
    /// Nothing has changed after this moment.
    pub fn complete_after(moment: Timestamp) -> Self {
        Self { by_time: BTreeMap::new(), told_at: HashMap::new(), complete_after: moment }
    }

    /// Whether this version, or a newer one, was told.
    pub fn knows(&self, id: Id, version: i32) -> bool {
        let told = self.told_at.get(&id).and_then(|at| self.by_time.get(&(*at, id)));
        told.is_some_and(|change| change.version >= version)
    }

    /// Keeps a change in place of the earlier one of the same aggregate, and forgets the oldest when there are too many.
    pub fn keep(&mut self, change: Change, at: Timestamp) {
        let id = change.id;
        if let Some(earlier) = self.told_at.insert(id, at) {
            self.by_time.remove(&(earlier, id));
        }
        self.by_time.insert((at, id), change);
        if self.by_time.len() > KEPT
            && let Some(((at, id), _)) = self.by_time.pop_first()
        {
            self.told_at.remove(&id);
            self.complete_after = self.complete_after.max(at);
        }
    }

    /// What was told to connections of this topic since then.
    pub fn since(&self, since: Timestamp, topic: Option<Id>) -> Missed {
        let since = since.before(MARGIN);
        if since < self.complete_after {
            return Missed::TooMuch;
        }
        let later = self.by_time.iter().rev().take_while(|((at, _), _)| *at > since);
        let missed = later.filter(|(_, change)| change.frame_for(topic).is_some()).take(MOST_RESUMED + 1);
        let mut missed: Vec<Change> = missed.map(|(_, change)| change.clone()).collect();
        if missed.len() > MOST_RESUMED {
            return Missed::TooMuch;
        }
        missed.reverse();
        Missed::Changes(missed)
    }
}
