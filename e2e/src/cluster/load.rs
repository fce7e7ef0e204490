//! An open-loop load: visits begin at times that are fixed in advance, however long the platform takes to answer.
//!
//! In each visit somebody offers a ticket and somebody else looks at it, orders it, and pays, cancels or forgets.

mod figures;

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use anyhow::{Context, Result};
use common::testing::{Answer, HttpClient};
use tokio::sync::Semaphore;
use tokio::task::{JoinHandle, JoinSet};
use tokio::time::{Instant, sleep_until, timeout};
use tokio_util::sync::{CancellationToken, DropGuard};

pub use self::figures::Figures;
use crate::acknowledged::{Acknowledged, Write};
use crate::person::Person;

/// Few, because an ingress limits how often one address may sign up.
const SELLERS: usize = 2;
const BUYERS: usize = 6;

/// Visits at the same time. What would be more is not sent, and counts as a failure.
const MOST_VISITS: usize = 1000;

/// How long the last visits may take to end.
const LAST_VISITS: Duration = Duration::from_secs(120);

/// Answers with which the contract refuses: no failures, for nothing is lost.
const REFUSALS: [u16; 2] = [400, 409];

/// The users of the load: some sell, the others buy.
pub struct Users(pub Vec<Person>);

impl Users {
    /// Somebody new each.
    pub async fn sign_up(site: &HttpClient) -> Self {
        let mut users = Vec::new();
        for _ in 0..SELLERS + BUYERS {
            users.push(Person::sign_up(site).await);
        }
        Self(users)
    }

    /// The seller and the buyer of a visit.
    fn of_visit(&self, number: usize) -> (&Person, &Person) {
        (&self.0[number % SELLERS], &self.0[SELLERS + number % BUYERS])
    }
}

/// A request of the load.
#[derive(Clone, Debug)]
pub struct Request {
    /// Method and path.
    pub what: &'static str,
    /// When.
    pub sent: Instant,
    /// How long until the answer, or the failure.
    pub took: Duration,
    /// What was answered instead of what was wanted.
    pub unusual: Option<String>,
    /// Neither answered as wanted nor refused as the contract foresees.
    pub failed: bool,
}

/// What the load has seen.
#[derive(Default)]
pub struct Record {
    requests: Mutex<Vec<Request>>,
    /// What was acknowledged to the buyers.
    pub acknowledged: Acknowledged,
}

/// A running load. Dropping it ends it.
pub struct Load {
    record: Arc<Record>,
    driver: JoinHandle<()>,
    closing: DropGuard,
}

impl Load {
    /// Begins, with so many orders per second.
    pub fn start(users: Arc<Users>, orders_per_second: u32) -> Self {
        let (record, closing) = (Arc::new(Record::default()), CancellationToken::new());
        let driver = tokio::spawn(drive(record.clone(), users, orders_per_second, closing.clone()));
        Self { record, driver, closing: closing.drop_guard() }
    }

    /// When a request failed last.
    pub fn last_failure(&self) -> Option<Instant> {
        let requests = self.record.requests.lock().unwrap();
        requests.iter().filter(|request| request.failed).map(|request| request.sent + request.took).max()
    }

    /// Begins no more visits, waits for the last ones, and tells what was seen.
    pub async fn stop(self) -> Result<Arc<Record>> {
        drop(self.closing);
        timeout(LAST_VISITS, self.driver).await.context("the last visits do not end")??;
        Ok(self.record)
    }
}

async fn drive(record: Arc<Record>, users: Arc<Users>, orders_per_second: u32, closing: CancellationToken) {
    let (began, period) = (Instant::now(), Duration::from_secs(1) / orders_per_second);
    let room = Arc::new(Semaphore::new(MOST_VISITS));
    let mut visits = JoinSet::new();
    for number in 0u32.. {
        if closing.run_until_cancelled(sleep_until(began + period * number)).await.is_none() {
            break;
        }
        while visits.try_join_next().is_some() {}
        let (record, users) = (record.clone(), users.clone());
        match room.clone().try_acquire_owned() {
            Ok(place) => drop(visits.spawn(async move {
                record.visit(number as usize, &users).await;
                drop(place);
            })),
            Err(_) => {
                record.note("a visit", Instant::now(), Some("not begun: too many are under way".to_owned()), true)
            }
        }
    }
    visits.join_all().await;
}

impl Record {
    /// A visit ends early when a request of it fails: what comes after has nothing to work on.
    async fn visit(&self, number: usize, users: &Users) -> Option<()> {
        let (seller, buyer) = users.of_visit(number);
        let title = format!("Seat {number}");
        let offer = seller.offer(&title, (10 + number % 90) as f64);
        let ticket = self.ask("POST /api/tickets", 201, offer).await?.id();
        if number.is_multiple_of(2) {
            self.ask("GET /", 200, buyer.http.get("/")).await;
        }
        self.ask("GET /api/tickets/:id", 200, buyer.http.get(&format!("/api/tickets/{ticket}"))).await;
        let order = self.ask("POST /api/orders", 201, buyer.order(ticket)).await?.id();
        self.acknowledged.note(order, Write::Ordered);
        match number % 20 {
            0..=9 => {
                self.ask("POST /api/payments", 201, buyer.pay(order, "tok_visa")).await?;
                self.acknowledged.note(order, Write::Paid);
            }
            10..=18 => {
                self.ask("DELETE /api/orders/:id", 204, buyer.cancel(order)).await?;
                self.acknowledged.note(order, Write::Cancelled);
            }
            // Forgotten: it expires.
            _ => {}
        }
        Some(())
    }

    /// Sends a request and notes what became of it; the answer, if it is the one that is wanted.
    async fn ask(&self, what: &'static str, wanted: u16, request: impl Future<Output = Answer>) -> Option<Answer> {
        let sent = Instant::now();
        let answer = request.await;
        let is_wanted = answer.status == wanted;
        let unusual = || {
            let words = answer.message().split_whitespace().collect::<Vec<_>>().join(" ");
            format!("{} ({})", answer.status, words.chars().take(60).collect::<String>())
        };
        let unusual = (!is_wanted).then(unusual);
        self.note(what, sent, unusual, !is_wanted && !REFUSALS.contains(&answer.status));
        is_wanted.then_some(answer)
    }

    fn note(&self, what: &'static str, sent: Instant, unusual: Option<String>, failed: bool) {
        self.requests.lock().unwrap().push(Request { what, sent, took: sent.elapsed(), unusual, failed });
    }

    /// The figures of the requests that are wanted; times count from `from`, or from the first request.
    pub fn figures(&self, from: Option<Instant>, wanted: impl Fn(&Request) -> bool) -> Figures {
        let requests = self.requests.lock().unwrap();
        let from = from.or_else(|| requests.iter().map(|request| request.sent).min());
        Figures::of(requests.iter().filter(|request| wanted(request)), from.unwrap_or_else(Instant::now))
    }

    /// The figures of all requests.
    pub fn all(&self) -> Figures {
        self.figures(None, |_| true)
    }

    /// The figures of each kind of request.
    pub fn by_kind(&self) -> BTreeMap<&'static str, Figures> {
        let kinds: BTreeSet<_> = self.requests.lock().unwrap().iter().map(|request| request.what).collect();
        kinds.into_iter().map(|kind| (kind, self.figures(None, |request| request.what == kind))).collect()
    }
}
