#![doc = include_str!("../README.md")]

pub mod config;
pub mod limits;
pub mod listeners;
pub mod live;
pub mod models;
pub mod nothing_open;
pub mod routes;
pub mod rush;
pub mod state;
pub mod sweep;

use common::auth::Sessions;
use common::checkpoint::MongoCheckpoints;
use common::error::StartError;
use common::health::Check;
use common::listener::Listeners;
use common::live::Feed;
use common::mongo;
use common::nats;
use common::relay::Relay;
use common::service::Service;

use crate::config::Config;
use crate::models::order::Order;
use crate::state::Orders;

/// The name of folder, crate, image, manifest, durable consumer and metrics label.
pub const NAME: &str = "orders";

/// Connects, creates the indexes and puts the service together.
pub async fn build(config: Config) -> Result<Service, StartError> {
    let database = mongo::connect(&config.api.mongo, NAME).await?;
    let broker = nats::connect(&config.api.nats, NAME).await?;
    let (outbox, relay) = Relay::<Order>::new(&database, broker.clone());
    let sessions = Sessions::open(&config.api.session, &database).await?;
    let orders = Orders::new(&config, &database, outbox, broker.clone(), sessions.clone());
    relay.create_index().await?;
    models::orders::create_indexes(&orders.store).await?;
    let checkpoints = MongoCheckpoints::new(&database, Some("tickets"));
    let listeners =
        Listeners::new(NAME, orders.clone(), broker.clone(), listeners::listeners()).checkpoints(checkpoints);
    let feed = Feed::new(orders.live.clone(), broker.clone(), orders.clone());
    let overdue = orders.clone();
    Ok(Service::new()
        .callers(&config.api.callers)
        .writes(&config.api.writes)
        .mongo(&database)
        .check(Check::broker(&broker))
        .relay(relay)
        .sessions(&sessions, &broker)
        .worker("listeners", |stop| listeners.run(stop))
        .live(feed)
        .worker("sweep", |stop| sweep::run(overdue, stop))
        .routes(routes::routes().into_router(orders)))
}
