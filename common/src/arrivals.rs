//! Waking those who wait for an event.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

use tokio::sync::watch;

use crate::id::Id;

/// The aggregates whose events somebody waits for. Cheap to clone.
#[derive(Clone, Default)]
pub struct Arrivals(Arc<Mutex<HashMap<Id, Waiters>>>);

#[derive(Default)]
struct Waiters {
    arrived: watch::Sender<()>,
    count: usize,
}

impl Arrivals {
    /// This process has handled an event, of the aggregate that it says when it is asked.
    pub fn note(&self, aggregate: impl FnOnce() -> Option<Id>) {
        if self.with(|awaited| awaited.is_empty()) {
            return;
        }
        if let Some(id) = aggregate() {
            self.with(|awaited| awaited.get(&id).map(|waiters| waiters.arrived.send_replace(())));
        }
    }

    /// Begins to wait for the next event of this aggregate.
    pub fn wait_for(&self, id: Id) -> Awaited {
        let arrived = self.with(|awaited| {
            let waiters = awaited.entry(id).or_default();
            waiters.count += 1;
            waiters.arrived.subscribe()
        });
        Awaited { arrivals: self.clone(), id, arrived }
    }

    fn with<R>(&self, look: impl FnOnce(&mut HashMap<Id, Waiters>) -> R) -> R {
        look(&mut self.0.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

/// Events of one aggregate that somebody waits for, as long as this is kept.
pub struct Awaited {
    arrivals: Arrivals,
    id: Id,
    /// Changes whenever one was handled. Its sender stays as long as this does.
    pub arrived: watch::Receiver<()>,
}

impl Drop for Awaited {
    fn drop(&mut self) {
        self.arrivals.with(|awaited| {
            if let Some(waiters) = awaited.get_mut(&self.id) {
                waiters.count -= 1;
                if waiters.count == 0 {
                    awaited.remove(&self.id);
                }
            }
        });
    }
}
