//! What the steps share.

use std::sync::Arc;
use std::time::Duration;

use anyhow::Result;
use tokio::sync::{Mutex, OnceCell};

use super::Arguments;
use super::crowd::Crowd;
use super::entrance::Entrance;
use super::load::Load;
use super::report::say;
use super::stores::OpenStores;
use super::undo::Undo;
use crate::books::{Books, Log, Since};
use crate::site::Site;
use crate::told::Told;

/// How long everything may take to settle after the last request.
const SETTLED_WITHIN: Duration = Duration::from_secs(120);

/// How many problems of a kind are worth reading.
const MOST_PROBLEMS: usize = 20;

/// The cluster as the steps see it.
pub struct World {
    /// What was asked for.
    pub arguments: Arguments,
    /// What a step has changed and not put back yet.
    pub undo: Undo,
    lasting: Undo,
    since: Since,
    log: Mutex<Log>,
    entrance: OnceCell<Entrance>,
    crowd: OnceCell<Arc<Crowd>>,
}

impl World {
    /// Nothing is opened before a step needs it. `lasting` is for what stays to the end of all steps.
    pub fn new(arguments: Arguments, undo: Undo, lasting: Undo) -> Self {
        Self {
            arguments,
            undo,
            lasting,
            since: Since::now(),
            log: Mutex::default(),
            entrance: OnceCell::new(),
            crowd: OnceCell::new(),
        }
    }

    /// The platform as its users meet it.
    pub async fn site(&self) -> Result<&Site> {
        let entrance = self.entrance.get_or_try_init(|| Entrance::open(&self.arguments, &self.lasting)).await?;
        Ok(&entrance.site)
    }

    /// The people of the load.
    pub async fn crowd(&self) -> Result<Arc<Crowd>> {
        let site = self.site().await?;
        let gathered = self.crowd.get_or_init(async || Arc::new(Crowd::gather(site).await)).await;
        Ok(gathered.clone())
    }

    /// Begins a load of so many orders per second.
    pub async fn load(&self, orders_per_second: u32) -> Result<Load> {
        let crowd = self.crowd().await?;
        say(&format!("load of {orders_per_second} orders/s begins"));
        Ok(Load::start(crowd, orders_per_second))
    }

    /// Waits until all that these steps have made has settled, prints how much it is, and tells what must not be.
    pub async fn check_books(&self, told: &[&Told]) -> Result<Vec<String>> {
        self.check_books_since(self.since, told).await
    }

    /// Likewise for all that was made since then.
    pub async fn check_books_since(&self, since: Since, told: &[&Told]) -> Result<Vec<String>> {
        say("the books are being read");
        let mut books = self.settled_books(since).await?;
        let problems = |books: &Books| {
            let mut problems = books.problems();
            told.iter().for_each(|told| problems.extend(told.problems(books)));
            problems
        };
        if !problems(&books).is_empty() {
            // Somebody else may have bought something between two pages. What is wrong stays wrong.
            books = self.settled_books(since).await?;
        }
        books.counts.iter().for_each(|line| println!("  {line}"));
        Ok(shortened(problems(&books)))
    }

    async fn settled_books(&self, since: Since) -> Result<Books> {
        let mut log = self.log.lock().await;
        let open = OpenStores::open().await?;
        match Books::settled(&open.stores, since, &mut log, SETTLED_WITHIN).await {
            Ok(books) => Ok(books),
            // A way to a pod ends with the pod.
            Err(error) => {
                say(&format!("once more: {error:#}"));
                Books::settled(&OpenStores::open().await?.stores, since, &mut log, SETTLED_WITHIN).await
            }
        }
    }
}

fn shortened(mut problems: Vec<String>) -> Vec<String> {
    let more = problems.len().saturating_sub(MOST_PROBLEMS);
    problems.truncate(MOST_PROBLEMS);
    problems.extend((more > 0).then(|| format!("and {more} more of that kind")));
    problems
}
