//! When which order is due: one sorted set in Redis, shared by all replicas.
//!
//! The clock is Redis's, so that replicas whose own clocks differ agree on what is due and which lease has ended.

mod full;

use std::sync::Arc;
use std::time::Duration;

use common::id::Id;
use common::listener::Failure;
use common::timestamp::Timestamp;
use redis::{Script, cmd, pipe};
use tokio::sync::Notify;

use self::full::Full;
use crate::connection::Connection;

/// The sorted set: the member is the order's id, the score the millisecond in which it is due.
pub const KEY: &str = "expirations";

/// The hash of the deadlines: a claim moves the score. An order that an earlier version has added is not in it.
pub const DEADLINES: &str = "expirations:deadlines";

/// Written to see whether a full Redis takes deadlines again; gone after a second.
const PROBE: &str = "expirations:probe";

/// How long a claimed order is left to its replica. After that it is due again, because the replica may have died.
///
/// A replica that lives and takes longer publishes what another publishes as well, and the stream drops the second.
pub const LEASE: Duration = Duration::from_secs(5);

/// The orders and their deadlines. Cheap to clone.
#[derive(Clone)]
pub struct Schedule {
    redis: Connection,
    add: Script,
    claim: Script,
    new_first: Arc<Notify>,
    full: Full,
}

/// What the script returns of a claimed order: its id, the milliseconds since it was due, and its deadline.
type Claimed = (String, u64, Option<i64>);

/// An order that is due.
#[derive(Debug, PartialEq, Eq)]
pub struct Due {
    /// The order.
    pub order: Id,
    /// Its deadline, unless an earlier version has added it.
    pub deadline: Option<Timestamp>,
    /// How long it had been due when it was claimed, since its deadline or since the end of an earlier lease.
    pub late: Duration,
}

impl Schedule {
    /// The schedule in this Redis.
    pub fn new(redis: Connection) -> Self {
        Self {
            redis,
            add: Script::new(include_str!("schedule/add.lua")),
            claim: Script::new(include_str!("schedule/claim.lua")),
            new_first: Arc::default(),
            full: Full::default(),
        }
    }

    /// Makes the order due at this time; a second call moves it.
    ///
    /// A full Redis takes no deadline. That is not a failure of the event, which would only block others: the sweep of the orders
    /// service ends such an order some seconds late.
    pub async fn add(&self, order: Id, due: Timestamp) -> Result<(), Failure> {
        let mut add = self.add.key(KEY);
        let add = add.key(DEADLINES).arg(order.to_string()).arg(due.millis());
        let added: i64 = self.redis.run(async |mut redis| add.invoke_async(&mut redis).await).await?;
        self.full.set(added < 0);
        if added > 0 {
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
        let mut commands = pipe();
        commands.zrem(KEY, &orders).ignore().hdel(DEADLINES, &orders).ignore();
        self.redis.run(async |mut redis| commands.query_async(&mut redis).await).await
    }

    /// Asks a Redis that was full whether it takes deadlines again.
    pub async fn recheck_full(&self) {
        if self.full.is_full() {
            let mut probe = cmd("SET");
            probe.arg(PROBE).arg("").arg("EX").arg(1);
            let written: Result<(), _> = self.redis.run(async |mut redis| probe.query_async(&mut redis).await).await;
            if written.is_ok() {
                self.full.set(false);
            }
        }
    }

    /// Claims up to `limit` orders that are due, the longest due first: they are this replica's for [`LEASE`]. Returns them, and
    /// how long it is until the next order is due.
    pub async fn claim(&self, limit: usize) -> Result<(Vec<Due>, Option<Duration>), Failure> {
        let mut claim = self.claim.key(KEY);
        let claim = claim.key(DEADLINES).arg(limit).arg(LEASE.as_millis() as u64);
        let (due, next_in): (Vec<Claimed>, Option<u64>) =
            self.redis.run(async |mut redis| claim.invoke_async(&mut redis).await).await?;
        let due = due
            .into_iter()
            // Only this service writes here: a malformed id is an operator's mistake, and stays where it can be seen.
            .filter_map(|(order, late, deadline)| {
                let deadline = deadline.map(Timestamp::from_millis);
                Some(Due { order: order.parse().ok()?, deadline, late: Duration::from_millis(late) })
            })
            .collect();
        Ok((due, next_in.map(Duration::from_millis)))
    }

    /// Waits until this process has added an order that is due before all others.
    pub async fn new_first(&self) {
        self.new_first.notified().await;
    }
}
