//! When which order is due: one sorted set in Redis, shared by all replicas.
//!
//! The clock is Redis's, so that replicas whose own clocks differ agree on what is due and on whose lease is over.

use std::sync::Arc;
use std::time::Duration;

use common::id::Id;
use common::timestamp::Timestamp;
use redis::{AsyncTypedCommands, Script, pipe};
use tokio::sync::Notify;

use crate::connection::{Away, Connection};

/// The sorted set: the member is the order's id, the score the millisecond in which it is due.
pub const KEY: &str = "expirations";

/// How long a claimed order is left to its replica. After that it is due again: its replica may have died.
///
/// A replica that lives and takes longer publishes what another publishes as well, and the stream drops the second.
pub const LEASE: Duration = Duration::from_secs(5);

/// The orders and their deadlines. Cheap to clone.
#[derive(Clone)]
pub struct Schedule {
    redis: Connection,
    claim: Script,
    new_first: Arc<Notify>,
}

/// What a claim brought.
#[derive(Debug, PartialEq, Eq)]
pub struct Claim {
    /// Orders that are now this replica's for [`LEASE`].
    pub due: Vec<Due>,
    /// How long it is until the next one is due, when there is one.
    pub next_in: Option<Duration>,
}

/// An order whose time is over.
#[derive(Debug, PartialEq, Eq)]
pub struct Due {
    /// The order.
    pub order: Id,
    /// How long it was due when it was claimed, counted from its deadline or from the end of a lease that came to nothing.
    pub late: Duration,
}

impl Schedule {
    /// The schedule in this Redis.
    pub fn new(redis: Connection) -> Self {
        Self { redis, claim: Script::new(include_str!("schedule/claim.lua")), new_first: Arc::default() }
    }

    /// Makes the order due at this time; a second call moves it.
    pub async fn schedule(&self, order: Id, due: Timestamp) -> Result<(), Away> {
        let order = order.to_string();
        let mut commands = pipe();
        commands.zadd(KEY, &order, due.millis()).ignore().zrange(KEY, 0, 0);
        let (first,): (Vec<String>,) = commands.query_async(&mut self.redis.clone()).await?;
        if first.contains(&order) {
            self.new_first.notify_one();
        }
        Ok(())
    }

    /// Takes orders off the schedule, claimed or not; those that are not on it are none the wiser.
    pub async fn forget(&self, orders: &[Id]) -> Result<(), Away> {
        if !orders.is_empty() {
            let orders: Vec<String> = orders.iter().map(Id::to_string).collect();
            self.redis.clone().zrem(KEY, orders).await?;
        }
        Ok(())
    }

    /// Claims up to `limit` orders that are due, the longest due first.
    pub async fn claim(&self, limit: usize) -> Result<Claim, Away> {
        let mut claim = self.claim.key(KEY);
        let claim = claim.arg(limit).arg(LEASE.as_millis() as u64);
        let (due, next_in): (Vec<(String, u64)>, Option<u64>) = claim.invoke_async(&mut self.redis.clone()).await?;
        let due = due
            .into_iter()
            // Nobody but us writes here: what is no id is somebody's mistake, and stays where it can be seen.
            .filter_map(|(order, late)| Some(Due { order: order.parse().ok()?, late: Duration::from_millis(late) }))
            .collect();
        Ok(Claim { due, next_in: next_in.map(Duration::from_millis) })
    }

    /// Waits until this process has scheduled an order that is due before all others.
    pub async fn new_first(&self) {
        self.new_first.notified().await;
    }
}
