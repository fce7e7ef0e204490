//! When which order is due: one sorted set in Redis, shared by all replicas.
//!
//! The clock is Redis's, so that replicas whose own clocks differ agree on what is due and which lease has ended.

use std::sync::Arc;
use std::time::Duration;

use common::id::Id;
use common::listener::Failure;
use common::timestamp::Timestamp;
use redis::{AsyncTypedCommands, Script, pipe};
use tokio::sync::Notify;

use crate::connection::Connection;

/// The sorted set: the member is the order's id, the score the millisecond in which it is due.
pub const KEY: &str = "expirations";

/// How long a claimed order is left to its replica. After that it is due again, because the replica may have died.
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

/// An order that is due.
#[derive(Debug, PartialEq, Eq)]
pub struct Due {
    /// The order.
    pub order: Id,
    /// How long it had been due when it was claimed, since its deadline or since the end of an earlier lease.
    pub late: Duration,
}

impl Schedule {
    /// The schedule in this Redis.
    pub fn new(redis: Connection) -> Self {
        Self { redis, claim: Script::new(include_str!("schedule/claim.lua")), new_first: Arc::default() }
    }

    /// Makes the order due at this time; a second call moves it.
    pub async fn add(&self, order: Id, due: Timestamp) -> Result<(), Failure> {
        let order = order.to_string();
        let mut commands = pipe();
        commands.zadd(KEY, &order, due.millis()).ignore().zrange(KEY, 0, 0);
        let (first,): (Vec<String>,) = self.redis.run(async |mut redis| commands.query_async(&mut redis).await).await?;
        if first.contains(&order) {
            self.new_first.notify_one();
        }
        Ok(())
    }

    /// Removes orders, claimed or not. Orders that are not on the schedule are ignored.
    pub async fn remove(&self, orders: &[Id]) -> Result<(), Failure> {
        if orders.is_empty() {
            return Ok(());
        }
        let orders: Vec<String> = orders.iter().map(Id::to_string).collect();
        self.redis.run(async |mut redis| redis.zrem(KEY, orders).await).await.map(drop)
    }

    /// Claims up to `limit` orders that are due, the longest due first: they are this replica's for [`LEASE`]. Returns them, and
    /// how long it is until the next order is due.
    pub async fn claim(&self, limit: usize) -> Result<(Vec<Due>, Option<Duration>), Failure> {
        let mut claim = self.claim.key(KEY);
        let claim = claim.arg(limit).arg(LEASE.as_millis() as u64);
        let (due, next_in): (Vec<(String, u64)>, Option<u64>) =
            self.redis.run(async |mut redis| claim.invoke_async(&mut redis).await).await?;
        let due = due
            .into_iter()
            // Only this service writes here: a malformed id is an operator's mistake, and stays where it can be seen.
            .filter_map(|(order, late)| Some(Due { order: order.parse().ok()?, late: Duration::from_millis(late) }))
            .collect();
        Ok((due, next_in.map(Duration::from_millis)))
    }

    /// Waits until this process has added an order that is due before all others.
    pub async fn new_first(&self) {
        self.new_first.notified().await;
    }
}
