//! Waking those who wait for an event.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

use tokio::sync::watch;

use crate::id::Id;

/// The aggregates whose events somebody waits for. Cheap to clone.
#[derive(Clone, Default)]
pub struct Arrivals(Arc<Mutex<HashMap<Id, watch::Sender<()>>>>);

impl Arrivals {
    /// This process has handled an event, of the aggregate that it says when it is asked.
    pub fn note(&self, aggregate: impl FnOnce() -> Option<Id>) {
        self.with(|awaited| {
            if awaited.is_empty() {
                return;
            }
            if let Some(awaited) = aggregate().and_then(|id| awaited.get(&id)) {
                awaited.send_replace(());
            }
        });
    }

    /// Begins to wait for the next event of this aggregate.
    pub fn wait_for(&self, id: Id) -> Awaited {
        let arrived = self.with(|awaited| awaited.entry(id).or_default().subscribe());
        Awaited { arrivals: self.clone(), id, arrived }
    }

    fn with<R>(&self, look: impl FnOnce(&mut HashMap<Id, watch::Sender<()>>) -> R) -> R {
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
            if awaited.get(&self.id).is_some_and(|arrived| arrived.receiver_count() == 1) {
                awaited.remove(&self.id);
            }
        });
    }
}
