use std::time::Duration;

use common::api::OrderStatus;
use common::config::OptionalFile;
use common::events::{ExpirationComplete, OrderCancelled, OrderCompleted, OrderCreated, PricedTicket, TicketRef};
use common::id::Id;
use common::money::Money;
use common::testing::{self, App, Stream};
use common::timestamp::Timestamp;
use expiration::config::Config;
use expiration::connection::Connection;
use expiration::schedule::{KEY, LEASE, Schedule};
use infra_local::{Nats, Redis};
use redis::AsyncTypedCommands;
use redis::aio::MultiplexedConnection;

/// A Redis and a broker of the test's own, and as many replicas of the service as it starts.
pub struct Environment {
    pub nats: Nats,
    pub redis: Redis,
    pub stream: Stream,
    db: Connection,
}

impl Environment {
    pub async fn new() -> Self {
        let (nats, redis) = (testing::new_nats().await, testing::new_redis().await);
        let stream = Stream::open(&nats).await;
        let db = Connection::new(&redis.url().parse().unwrap(), &OptionalFile::default()).unwrap();
        Self { nats, redis, stream, db }
    }

    pub async fn replica(&self) -> App {
        let (nats_url, redis_host) = (self.nats.url(), self.redis.url());
        let config = testing::config::<Config>(&[("nats-url", &nats_url), ("redis-host", &redis_host)]);
        App::start(expiration::build(config).await.unwrap()).await
    }

    /// Waits until the service has handled everything that was published.
    pub async fn handled(&self) {
        self.stream.wait_until_handled(expiration::NAME).await;
    }

    /// Waits until so many orders have expired.
    pub async fn expired(&self, count: usize) -> Vec<Id> {
        let events = self.stream.wait_for::<ExpirationComplete>(count, |_| true).await;
        events.into_iter().map(|event| event.order_id).collect()
    }

    /// When the stream took the order's expiry, for which it waits.
    pub async fn expired_at(&self, order: Id) -> Timestamp {
        testing::eventually("the order expires", async || {
            let messages = self.stream.messages::<ExpirationComplete>().await;
            messages.into_iter().find(|message| message.event.order_id == order).map(|message| message.at)
        })
        .await
    }

    /// Puts an order on the schedule as a replica does that dies right after.
    pub async fn db_schedule(&self, order: Id, due: Timestamp) {
        let add = async |mut redis: MultiplexedConnection| redis.zadd(KEY, order.to_string(), due.millis()).await;
        self.db.run(add).await.unwrap();
    }

    /// Claims an order as a replica does that dies before it publishes. Returns when the lease ends.
    pub async fn db_claim(&self, order: Id) -> Timestamp {
        let lease_ends = Timestamp::now().after(LEASE);
        self.db_schedule(order, lease_ends).await;
        lease_ends
    }

    /// The orders on the schedule, claimed ones included.
    pub async fn db_scheduled(&self) -> Vec<Id> {
        let members = self.db.run(async |mut redis| redis.zrange(KEY, 0, -1).await).await.unwrap();
        members.into_iter().map(|member| member.parse().unwrap()).collect()
    }

    /// The schedule past the service.
    pub fn schedule(&self) -> Schedule {
        Schedule::new(self.db.clone())
    }

    /// The connection past the service.
    pub fn db(&self) -> Connection {
        self.db.clone()
    }

    /// Lets Redis have so many bytes: with one it is full, with none it has no limit.
    pub async fn db_maxmemory(&self, bytes: u64) {
        let mut set = redis::cmd("CONFIG");
        set.arg("SET").arg("maxmemory").arg(bytes);
        self.db.run(async |mut redis| set.query_async::<()>(&mut redis).await).await.unwrap();
    }

    /// Deletes everything that Redis has.
    pub async fn db_wipe(&self) {
        self.db.run(async |mut redis| redis.flushall().await).await.unwrap();
    }

    /// Everything that Redis has.
    pub async fn db_keys(&self) -> Vec<String> {
        self.db.run(async |mut redis| redis.keys("*").await).await.unwrap()
    }

    /// Waits until Redis has written what it answered for; on a busy disk it answers up to two seconds earlier.
    pub async fn db_written(&self) {
        testing::eventually("Redis has written its file", async || {
            let info = async |mut redis| redis::cmd("INFO").arg("persistence").query_async(&mut redis).await;
            let state: String = self.db.run(info).await.unwrap();
            state.contains("aof_buffer_length:0").then_some(())
        })
        .await;
    }

    /// Waits until nothing is on the schedule.
    pub async fn db_empty(&self) {
        testing::eventually("the schedule is empty", async || self.db_scheduled().await.is_empty().then_some(())).await;
    }
}

pub fn created(order: Id, expires_at: Timestamp) -> OrderCreated {
    let (status, user_id) = (OrderStatus::Created, Id::generate());
    OrderCreated { id: order, version: 0, status, user_id, expires_at, ticket: ticket() }
}

pub fn cancelled(order: Id) -> OrderCancelled {
    OrderCancelled { id: order, version: 1, ticket: TicketRef { id: Id::generate() } }
}

pub fn completed(order: Id) -> OrderCompleted {
    OrderCompleted { id: order, version: 1, user_id: Id::generate(), ticket: ticket(), title: None, seller_id: None }
}

fn ticket() -> PricedTicket {
    PricedTicket { id: Id::generate(), price: Money::from_cents(2000) }
}

/// So many milliseconds from now, or ago.
pub fn in_millis(millis: i64) -> Timestamp {
    Timestamp::from_millis(Timestamp::now().millis() + millis)
}

/// A deadline that no test lives to see.
pub fn tomorrow() -> Timestamp {
    Timestamp::now().after(Duration::from_secs(24 * 60 * 60))
}
