//! The life of a process: configuration, start, serving, and a stop that loses nothing.

mod bodies;
mod connections;
pub mod endless;
mod guard;
mod heads;
mod http;
mod linger;
mod room;
mod socket;
mod start;

use std::time::Duration;

use axum::Router;
use futures::future::BoxFuture;
use mongodb::Database;
use tokio::net::TcpListener;
use tokio::task::JoinSet;
use tokio::time::{Instant, timeout_at};
use tokio_util::sync::CancellationToken;

pub use http::REQUEST_LIMIT;
/// The allocator of the services that many requests or events go through: with the system's they spend up to a fifth more time on a
/// request that writes. auth and expiration have the system's, which keeps less of what a password's hash or an idle process has used.
pub use mimalloc::MiMalloc as Allocator;
pub use start::{Configuration, command, run};

use self::connections::{LINGER, Limits, MAX_CONNECTIONS};
use self::guard::Guard;
use self::http::Passage;
use self::room::Room;
use crate::auth::Sessions;
use crate::caller::Callers;
use crate::config::{CallerConfig, WritesConfig};
use crate::health::{self, Check};
use crate::limits::Writes;
use crate::live::{Feed, Source};
use crate::mongo::Aggregate;
use crate::nats::Broker;
use crate::relay::Relay;

/// What a service does once it runs.
pub struct Service {
    routes: Option<Router>,
    /// Whether the routes are pages and not an API.
    is_pages: bool,
    callers: Callers,
    writes: WritesConfig,
    /// Whose requests the security log tells of.
    sessions: Option<Sessions>,
    idle_limit: Duration,
    slow_limit: Duration,
    room: usize,
    /// Connections of the public API beside those of ordinary requests.
    live_connections: usize,
    checks: Vec<Check>,
    databases: Vec<Database>,
    workers: Vec<Task>,
    relays: Vec<Task>,
}

/// Something that runs beside the requests until its token says stop.
struct Task {
    name: &'static str,
    run: Box<dyn FnOnce(CancellationToken) -> BoxFuture<'static, ()> + Send>,
}

impl Task {
    fn new<F>(name: &'static str, run: impl FnOnce(CancellationToken) -> F + Send + 'static) -> Self
    where
        F: Future<Output = ()> + Send + 'static,
    {
        Self { name, run: Box::new(move |stop| Box::pin(run(stop))) }
    }
}

/// Why a service ended other than by `stop`.
#[derive(Debug, thiserror::Error)]
pub enum ServeError {
    /// A task ended that should have run as long as the process.
    #[error("{0} ended on its own")]
    TaskEnded(String),
    /// What was in flight was not finished in time.
    #[error("{0} was not finished within {1:?}")]
    NotDrained(&'static str, Duration),
}

/// The two sockets of a service. Whoever binds them knows their ports.
pub struct Sockets {
    /// The public API. A service without routes closes it.
    pub public: TcpListener,
    /// Health and metrics.
    pub admin: TcpListener,
}

impl Service {
    /// A service that does nothing yet.
    #[allow(clippy::new_without_default, reason = "a service that does nothing is a start, not a default")]
    pub fn new() -> Self {
        Self {
            routes: None,
            is_pages: false,
            callers: Callers::default(),
            writes: WritesConfig::default(),
            sessions: None,
            idle_limit: connections::IDLE_LIMIT,
            slow_limit: connections::SLOW_LIMIT,
            room: room::ROOM,
            live_connections: 0,
            checks: Vec::new(),
            databases: Vec::new(),
            workers: Vec::new(),
            relays: Vec::new(),
        }
    }

    /// Serves these routes as an API: what changes something comes from no page of another site, and from no account or address too
    /// often; what is personal is kept by no cache.
    pub fn routes(mut self, routes: Router) -> Self {
        self.routes = Some(routes);
        self
    }

    /// Serves these routes as pages, which say themselves how they are kept and refused.
    pub fn pages(mut self, routes: Router) -> Self {
        self.is_pages = true;
        self.routes(routes)
    }

    /// Tells by these settings who the callers are. By default proxies in private networks are believed.
    pub fn callers(mut self, config: &CallerConfig) -> Self {
        self.callers = Callers::new(config);
        self
    }

    /// Limits by these settings how much one account and one address may write.
    pub fn writes(mut self, config: &WritesConfig) -> Self {
        self.writes = config.clone();
        self
    }

    /// A connection on which no request arrived for so long is closed; 100 s unless said otherwise. Shorter than clients keep an
    /// idle connection, it costs them a request now and then.
    pub fn idle_limit(mut self, limit: Duration) -> Self {
        self.idle_limit = limit;
        self
    }

    /// A client that takes longer over the rest of a head, or over the next part of a body, is cut off; 10 s unless said otherwise.
    pub fn slow_limit(mut self, limit: Duration) -> Self {
        self.slow_limit = limit;
        self
    }

    /// Bodies of more than 4 KiB have so many bytes together; 32 MiB unless said otherwise. Further ones are answered 503.
    pub fn room(mut self, bytes: usize) -> Self {
        self.room = bytes;
        self
    }

    /// Needs this to be ready.
    pub fn check(mut self, check: Check) -> Self {
        self.checks.push(check);
        self
    }

    /// Needs this database to be ready, and closes its connections in the end.
    pub fn mongo(mut self, database: &Database) -> Self {
        self.databases.push(database.clone());
        self.check(Check::mongo(database))
    }

    /// The databases of [`mongo`](Self::mongo), for tests that look at what they were asked.
    #[cfg(feature = "testing")]
    pub fn database_names(&self) -> Vec<String> {
        self.databases.iter().map(|database| database.name().to_owned()).collect()
    }

    /// Runs this task beside the requests until `stop`: a listener, a sweep.
    pub fn worker<F>(mut self, name: &'static str, run: impl FnOnce(CancellationToken) -> F + Send + 'static) -> Self
    where
        F: Future<Output = ()> + Send + 'static,
    {
        self.workers.push(Task::new(name, run));
        self
    }

    /// Takes sessions, and hears of those that have ended.
    pub fn sessions(mut self, sessions: &Sessions, broker: &Broker) -> Self {
        self.sessions = Some(sessions.clone());
        let (ended, broker) = (sessions.ended().clone(), broker.clone());
        self.worker("ended sessions", |stop| ended.follow(broker, stop))
    }

    /// Tells open connections what changes, until `stop` ends them all.
    pub fn live<S: Source>(mut self, feed: Feed<S>) -> Self {
        self.live_connections += feed.live().limit();
        self.worker("live", |stop| feed.run(stop))
    }

    /// Publishes the events of requests and workers, and stops only after them.
    pub fn relay<A: Aggregate + 'static>(mut self, relay: Relay<A>) -> Self {
        self.relays.push(Task::new("relay", |stop| relay.run(stop)));
        self
    }

    /// Serves until `stop`: then takes no more messages, a second later no more connections, finishes what is in flight within
    /// `drain`, publishes the last events, and returns. A task that ends early, or panics, ends the others in the same order.
    pub async fn serve(self, sockets: Sockets, stop: CancellationToken, drain: Duration) -> Result<(), ServeError> {
        let admin_stop = CancellationToken::new();
        let _end_admin = admin_stop.clone().drop_guard();
        tokio::spawn(http::serve_admin(sockets.admin, health::router(self.checks, stop.clone()), admin_stop));

        let last_events = CancellationToken::new();
        let mut relays = spawn(self.relays, &last_events);
        let mut intake = spawn(self.workers, &stop);
        if let Some(routes) = self.routes {
            let stop = stop.clone();
            let connections = MAX_CONNECTIONS + self.live_connections;
            let (idle, slow) = (self.idle_limit, self.slow_limit);
            let limits = Limits { idle, slow, linger: LINGER.min(drain / 4), connections };
            let writes = Writes::new(&self.writes);
            let guard = (!self.is_pages).then(|| Guard { writes: writes.clone(), sessions: self.sessions });
            let passage = Passage { callers: self.callers, guard, room: Room::new(self.room), slow };
            let cleaning = stop.clone();
            intake.spawn(async move {
                writes.clean(cleaning).await;
                "limits"
            });
            intake.spawn(async move {
                http::serve(sockets.public, routes, passage, limits, stop).await;
                "http"
            });
        } else {
            drop(sockets.public);
        }
        let ended = tokio::select! {
            () = stop.cancelled() => None,
            Some(task) = intake.join_next() => Some(task),
            Some(task) = relays.join_next() => Some(task),
        };
        // After `stop` tasks end in any order; before it, one that ends has failed.
        let ended = ended.filter(|_| !stop.is_cancelled());
        // Also when a task died: the others finish what they have.
        stop.cancel();
        let deadline = Instant::now() + drain;
        let drained = finish(&mut intake, deadline).await;
        last_events.cancel();
        let flushed = finish(&mut relays, deadline + LAST_EVENTS).await;
        for database in self.databases {
            // Nothing is in flight any more; left to itself, the driver would close its sessions after the runtime is gone.
            database.client().clone().shutdown().immediate(true).await;
        }
        match ended {
            Some(Ok(name)) => Err(ServeError::TaskEnded(name.to_owned())),
            Some(Err(panic)) => Err(ServeError::TaskEnded(panic.to_string())),
            _ if !drained => Err(ServeError::NotDrained("what was in flight", drain)),
            _ if !flushed => Err(ServeError::NotDrained("the relay", LAST_EVENTS)),
            _ => Ok(()),
        }
    }
}

/// How long the relay may take after everything else has ended.
const LAST_EVENTS: Duration = Duration::from_secs(5);

/// The tasks that run; each ends with its name.
type Tasks = JoinSet<&'static str>;

fn spawn(tasks: Vec<Task>, stop: &CancellationToken) -> Tasks {
    tasks
        .into_iter()
        .map(|task| {
            let running = (task.run)(stop.clone());
            async move {
                running.await;
                task.name
            }
        })
        .collect()
}

/// Waits for every task; false when the deadline came first.
async fn finish(tasks: &mut Tasks, deadline: Instant) -> bool {
    timeout_at(deadline, async { while tasks.join_next().await.is_some() {} }).await.is_ok()
}
