//! The listeners of the services as they are, over stores that are away.

use async_nats::jetstream::consumer::pull;
use checks::environment::environment;
use checks::overlay::overlay;
use clap::{CommandFactory, Parser};
use common::listener::Listeners;
use common::mongo::Aggregate;
use common::nats::{self, Broker};
use common::{mongo, relay};
use futures::FutureExt;
use futures::future::BoxFuture;
use tokio_util::sync::CancellationToken;

use crate::environment::as_flags;

/// What a service listens to, and its listening.
pub struct Service {
    pub consumer: pull::Config,
    pub broker: Broker,
    pub run: Box<dyn FnOnce(CancellationToken) -> BoxFuture<'static, ()>>,
}

impl Service {
    fn new<S: Clone + Send + Sync + 'static>(broker: Broker, listeners: Listeners<S>) -> Self {
        Self { consumer: listeners.consumer(), broker, run: Box::new(|stop| listeners.run(stop).boxed()) }
    }
}

/// A service's settings as its manifest has them, with another broker.
fn config<C: Parser + CommandFactory>(service: &str, nats_url: &str) -> C {
    let container = overlay("dev").workload(&format!("{service}-depl")).containers()[0];
    let mut environment = environment(&container);
    environment.insert("NATS_URL".to_owned(), nats_url.to_owned());
    C::try_parse_from(as_flags(&C::command(), Vec::new(), &environment)).unwrap()
}

/// The services that hear events, on brokers whose URLs are told by service.
pub async fn services(url: impl Fn(&str) -> String) -> [Service; 4] {
    [
        tickets(&url("tickets")).await,
        orders(&url("orders")).await,
        payments(&url("payments")).await,
        expiration(&url("expiration")).await,
    ]
}

async fn tickets(nats_url: &str) -> Service {
    let config = config::<tickets::config::Config>(tickets::NAME, nats_url);
    let database = mongo::connect(&config.mongo, tickets::NAME).await.unwrap();
    let broker = nats::connect(&config.nats, tickets::NAME).await.unwrap();
    let (outbox, _) = relay::relay(&database, tickets::models::ticket::Ticket::COLLECTION, broker.clone());
    let state = tickets::state::Tickets::new(&config, &database, outbox);
    Service::new(broker.clone(), tickets::listeners::listeners(state, broker))
}

async fn orders(nats_url: &str) -> Service {
    let config = config::<orders::config::Config>(orders::NAME, nats_url);
    let database = mongo::connect(&config.mongo, orders::NAME).await.unwrap();
    let broker = nats::connect(&config.nats, orders::NAME).await.unwrap();
    let (outbox, _) = relay::relay(&database, orders::models::order::Order::COLLECTION, broker.clone());
    let state = orders::state::Orders::new(&config, &database, outbox);
    Service::new(broker.clone(), orders::listeners::listeners(state, broker))
}

async fn payments(nats_url: &str) -> Service {
    let config = config::<payments::config::Config>(payments::NAME, nats_url);
    let database = mongo::connect(&config.mongo, payments::NAME).await.unwrap();
    let broker = nats::connect(&config.nats, payments::NAME).await.unwrap();
    let (outbox, _) = relay::relay(&database, payments::models::payment::Payment::COLLECTION, broker.clone());
    let provider = payments::provider::choose(&config, &database).unwrap();
    let (handover, _) = payments::sweep::handover();
    let state = payments::state::Payments::new(&config, &database, outbox, provider, handover);
    Service::new(broker.clone(), payments::listeners::listeners(state, broker))
}

async fn expiration(nats_url: &str) -> Service {
    let config = config::<expiration::config::Config>(expiration::NAME, nats_url);
    let connection = expiration::connection::Connection::to(&config.redis_host).unwrap();
    let broker = nats::connect(&config.nats, expiration::NAME).await.unwrap();
    let schedule = expiration::schedule::Schedule::new(connection);
    Service::new(broker.clone(), expiration::listeners::listeners(schedule, broker))
}
