//! An open-loop load: visits begin at times that are fixed in advance, however long the platform takes to answer.
//!
//! In each visit somebody offers a ticket and somebody else looks at it, orders it, and pays, cancels or forgets.

mod figures;
mod request;
mod visit;

use std::sync::{Arc, Mutex};
use std::time::Duration;

use anyhow::{Context, Result};
use tokio::sync::Semaphore;
use tokio::task::{JoinHandle, JoinSet};
use tokio::time::{Instant, sleep_until, timeout};
use tokio_util::sync::{CancellationToken, DropGuard};

use self::visit::visit;
use super::crowd::Crowd;
use crate::told::Told;

pub use figures::Figures;
pub use request::{Kind, Outcome, Request};

/// Visits at the same time. What would be more is not sent, and counted.
const MOST_VISITS: usize = 1000;

/// How long the last visits may take to end.
const LAST_VISITS: Duration = Duration::from_secs(120);

/// What the load has seen.
#[derive(Default)]
pub struct Record {
    requests: Mutex<Vec<Request>>,
    /// When visits should have begun for which there was no room.
    unsent: Mutex<Vec<Instant>>,
    /// What the buyers were told.
    pub told: Told,
}

/// A running load. Dropping it ends it.
pub struct Load {
    record: Arc<Record>,
    driver: JoinHandle<()>,
    closing: DropGuard,
}

impl Load {
    /// Begins, with so many orders per second.
    pub fn start(crowd: Arc<Crowd>, orders_per_second: u32) -> Self {
        let (record, closing) = (Arc::new(Record::default()), CancellationToken::new());
        let driver = tokio::spawn(drive(record.clone(), crowd, orders_per_second, closing.clone()));
        Self { record, driver, closing: closing.drop_guard() }
    }

    /// When a request failed last.
    pub fn last_failure(&self) -> Option<Instant> {
        self.record.last_failure()
    }

    /// Begins no more visits, waits for the last ones, and tells what was seen.
    pub async fn stop(self) -> Result<Arc<Record>> {
        drop(self.closing);
        timeout(LAST_VISITS, self.driver).await.context("the last visits do not end")??;
        Ok(self.record)
    }
}

async fn drive(record: Arc<Record>, crowd: Arc<Crowd>, orders_per_second: u32, closing: CancellationToken) {
    let (began, period) = (Instant::now(), Duration::from_secs(1) / orders_per_second);
    let room = Arc::new(Semaphore::new(MOST_VISITS));
    let mut visits = JoinSet::new();
    for number in 0u32.. {
        if closing.run_until_cancelled(sleep_until(began + period * number)).await.is_none() {
            break;
        }
        while visits.try_join_next().is_some() {}
        let Ok(place) = room.clone().try_acquire_owned() else {
            record.unsent.lock().unwrap().push(Instant::now());
            continue;
        };
        let (record, crowd) = (record.clone(), crowd.clone());
        visits.spawn(async move {
            visit(number as usize, &crowd, &record).await;
            drop(place);
        });
    }
    while visits.join_next().await.is_some() {}
}

impl Record {
    fn note(&self, request: Request) {
        self.requests.lock().unwrap().push(request);
    }

    fn last_failure(&self) -> Option<Instant> {
        let requests = self.requests.lock().unwrap();
        requests.iter().filter(|request| request.failed()).map(|request| request.sent + request.took).max()
    }

    /// The figures of all requests.
    pub fn figures(&self) -> Figures {
        self.select(None, |_| true)
    }

    /// Those of one kind.
    pub fn of(&self, kind: Kind) -> Figures {
        self.select(None, |request| request.kind == kind)
    }

    /// Those that were sent between two instants.
    pub fn between(&self, from: Instant, to: Instant) -> Figures {
        self.select(Some((from, to)), |_| true)
    }

    fn select(&self, window: Option<(Instant, Instant)>, wanted: impl Fn(&Request) -> bool) -> Figures {
        let requests = self.requests.lock().unwrap();
        let unsent = self.unsent.lock().unwrap();
        let is_within = |at: Instant| window.is_none_or(|(from, to)| at >= from && at < to);
        let wanted = requests.iter().filter(|request| is_within(request.sent) && wanted(request));
        let from = window.map(|(from, _)| from).or_else(|| requests.iter().map(|request| request.sent).min());
        let unsent = unsent.iter().filter(|at| is_within(**at)).count();
        Figures::of(wanted, from.unwrap_or_else(Instant::now), unsent)
    }
}
