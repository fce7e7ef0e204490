//! The platform on the cluster, as the steps see it.

use std::sync::Arc;
use std::time::Duration;

use anyhow::Result;
use common::testing::HttpClient;
use common::timestamp::Timestamp;
use mongodb::bson::oid::ObjectId;
use tokio::sync::{Mutex, OnceCell};

use super::Arguments;
use super::entrance::Entrance;
use super::load::{Load, Users};
use super::report::say;
use super::undo::Undo;
use crate::acknowledged::Acknowledged;
use crate::invariants::{EventLog, Snapshot, least_id};
use crate::stores::Stores;

/// How long everything may take to settle after the last request.
const SETTLED_WITHIN: Duration = Duration::from_secs(120);

/// How many violations are worth reading.
const MOST_VIOLATIONS: usize = 20;

/// The platform on the cluster. Nothing is opened before a step needs it.
pub struct Platform {
    /// What was asked for.
    pub arguments: Arguments,
    /// What a step has changed, to be put back when it ends.
    pub undo: Undo,
    /// What stays to the end of all steps.
    pub undo_at_the_end: Undo,
    since: ObjectId,
    log: Mutex<EventLog>,
    entrance: OnceCell<Entrance>,
    users: OnceCell<Arc<Users>>,
}

impl Platform {
    /// The platform of which everything that is made from now on belongs to this run.
    pub fn new(arguments: Arguments) -> Self {
        Self {
            arguments,
            undo: Undo::default(),
            undo_at_the_end: Undo::default(),
            since: least_id(Timestamp::now()),
            log: Mutex::default(),
            entrance: OnceCell::new(),
            users: OnceCell::new(),
        }
    }

    /// The platform as its users meet it.
    pub async fn site(&self) -> Result<&HttpClient> {
        let open = || Entrance::open(&self.arguments, &self.undo_at_the_end);
        Ok(&self.entrance.get_or_try_init(open).await?.site)
    }

    /// The users of the load.
    pub async fn users(&self) -> Result<Arc<Users>> {
        let site = self.site().await?;
        Ok(self.users.get_or_init(async || Arc::new(Users::sign_up(site).await)).await.clone())
    }

    /// Begins a load of so many orders per second.
    pub async fn load(&self, orders_per_second: u32) -> Result<Load> {
        let users = self.users().await?;
        say(&format!("load of {orders_per_second} orders/s begins"));
        Ok(Load::start(users, orders_per_second))
    }

    /// Waits until all that these steps have made has settled, prints how much it is, and returns what must not be.
    pub async fn violations(&self, acknowledged: Option<&Acknowledged>) -> Result<Vec<String>> {
        self.violations_since(self.since, acknowledged).await
    }

    /// Likewise for all that was made since then.
    pub async fn violations_since(&self, since: ObjectId, acknowledged: Option<&Acknowledged>) -> Result<Vec<String>> {
        say("checking the invariants");
        // Once more if need be: a way to a pod ends with the pod, and somebody else may have bought something in between. What is
        // wrong stays wrong.
        let mut found = self.check(since, acknowledged).await;
        if !found.as_ref().is_ok_and(Vec::is_empty) {
            found = self.check(since, acknowledged).await;
        }
        let mut violations = found?;
        let more = violations.len().saturating_sub(MOST_VIOLATIONS);
        violations.truncate(MOST_VIOLATIONS);
        violations.extend((more > 0).then(|| format!("and {more} more")));
        Ok(violations)
    }

    async fn check(&self, since: ObjectId, acknowledged: Option<&Acknowledged>) -> Result<Vec<String>> {
        let stores = Stores::of_cluster().await?;
        let snapshot = Snapshot::settled(&stores, since, &mut *self.log.lock().await, SETTLED_WITHIN).await?;
        snapshot.counts().iter().for_each(|line| println!("  {line}"));
        let lost = acknowledged.map(|acknowledged| acknowledged.violations(&snapshot)).unwrap_or_default();
        Ok(snapshot.violations().into_iter().chain(lost).collect())
    }
}
