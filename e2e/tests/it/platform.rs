//! A fleet of the test's own.

use std::path::PathBuf;
use std::time::Duration;

use common::testing::{HttpClient, eventually};
use e2e::acknowledged::Acknowledged;
use e2e::invariants::{EventLog, Snapshot};
use e2e::stores::Stores;
use infra_local::Fleet;
use infra_local::fleet::{Options, Output};
use mongodb::bson::oid::ObjectId;
use redis::{Client, FromRedisValue};
use tokio::sync::{Semaphore, SemaphorePermit};
use tokio::time::{Instant, sleep};

const READY_LIMIT: Duration = Duration::from_secs(120);

/// Fleets that run at the same time: more would make each other slow.
static FLEETS: Semaphore = Semaphore::const_new(3);

/// The running platform, and the log that explains a failure.
pub struct Platform {
    pub fleet: Fleet,
    log: PathBuf,
    _turn: SemaphorePermit<'static>,
}

impl Platform {
    /// Starts everything with these variables and waits until it is ready.
    pub async fn start(variables: &[(&str, &str)]) -> Self {
        let set = |options, (name, value): &(&str, &str)| Options::with_all(options, name, value);
        Self::begin(|options| variables.iter().fold(options, set)).await.ready().await
    }

    /// Starts everything with options of the test's own.
    pub async fn begin(shape: impl FnOnce(Options) -> Options) -> Self {
        let turn = FLEETS.acquire().await.unwrap();
        let log = tempfile::Builder::new().prefix("ticketing-e2e-").suffix(".log").tempfile().unwrap();
        let (_, log) = log.keep().unwrap();
        eprintln!("the fleet's log is {}", log.display());
        let options = Options::temporary(Output::file(&log).unwrap());
        // Everybody comes from one address, and a few write as much as many would.
        let unlimited = |options, name| Options::with_all(options, name, "1000000");
        let options = ["WRITES_PER_MINUTE", "ADDRESS_WRITES_PER_MINUTE"].into_iter().fold(options, unlimited);
        let fleet = Fleet::start(shape(options)).await.unwrap();
        Self { fleet, log, _turn: turn }
    }

    /// Waits until it is ready.
    pub async fn ready(self) -> Self {
        self.fleet.wait_ready(READY_LIMIT).await.unwrap();
        self
    }

    /// The platform as its users meet it.
    pub fn site(&self) -> HttpClient {
        HttpClient::new(&self.fleet.url())
    }

    /// Its databases and its stream, for looking into them past the API.
    pub async fn stores(&self) -> Stores {
        Stores::of_fleet(&self.fleet).await
    }

    /// Waits until everything has settled, and checks the invariants and what was acknowledged.
    pub async fn settled(&self, acknowledged: &Acknowledged, mut log: EventLog, limit: Duration) -> Snapshot {
        let stores = self.stores().await;
        let snapshot = Snapshot::settled(&stores, ObjectId::from_bytes([0; 12]), &mut log, limit).await.unwrap();
        assert_eq!([snapshot.violations(), acknowledged.violations(&snapshot)].concat(), Vec::<String>::new());
        snapshot
    }

    /// The same once every order has ended.
    pub async fn ended(&self, acknowledged: &Acknowledged, log: fn() -> EventLog, limit: Duration) -> Snapshot {
        let deadline = Instant::now() + limit;
        loop {
            let left = deadline.saturating_duration_since(Instant::now());
            let snapshot = self.settled(acknowledged, log(), left).await;
            let open = snapshot.orders.values().filter(|order| order.is_open()).count() + snapshot.expiring.len();
            if open == 0 {
                let deadlines = async || self.redis::<u64>(&["ZCARD", "expirations"]).await;
                eventually("no deadline is left in Redis", async || (deadlines().await == 0).then_some(())).await;
                return snapshot;
            }
            assert!(Instant::now() < deadline, "{open} orders have not ended within {} s", limit.as_secs());
            sleep(Duration::from_millis(200)).await;
        }
    }

    /// What Redis answers to a command.
    pub async fn redis<T: FromRedisValue>(&self, words: &[&str]) -> T {
        let redis = self.fleet.environment().redis.as_ref().unwrap();
        let mut connection = Client::open(redis.url()).unwrap().get_multiplexed_async_connection().await.unwrap();
        let (name, arguments) = words.split_first().unwrap();
        redis::cmd(name).arg(arguments).query_async(&mut connection).await.unwrap()
    }

    /// Stops everything; the log of a story that ended well is of no use.
    pub async fn stop(self) {
        self.fleet.stop().await.unwrap();
        std::fs::remove_file(self.log).unwrap();
    }
}
