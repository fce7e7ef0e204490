#![doc = include_str!("../README.md")]

mod attach;
pub mod config;
pub mod file_sweep;
mod idempotency;
pub mod listeners;
pub mod live;
pub mod models;
pub mod relist;
pub mod routes;
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
use crate::models::ticket::Ticket;
use crate::state::Tickets;

/// The name of folder, crate, image, manifest, durable consumer and metrics label.
pub const NAME: &str = "tickets";

/// Connects, creates the indexes and puts the service together.
pub async fn build(config: Config) -> Result<Service, StartError> {
    let database = mongo::connect(&config.api.mongo, NAME).await?;
    let broker = nats::connect(&config.api.nats, NAME).await?;
    let (outbox, relay) = Relay::<Ticket>::new(&database, broker.clone());
    let sessions = Sessions::open(&config.api.session, &database).await?;
    let tickets = Tickets::new(&config, &database, outbox, broker.clone(), sessions.clone());
    relay.create_index().await?;
    models::tickets::create_indexes(&tickets.store).await?;
    relist::fill(&tickets.store).await.map_err(|error| StartError::Unavailable(error.to_string()))?;
    tickets.files.create_indexes().await?;
    tickets.reports.create_indexes().await?;
    let checkpoints = MongoCheckpoints::new(&database, None);
    let listeners =
        Listeners::new(NAME, tickets.clone(), broker.clone(), listeners::listeners()).checkpoints(checkpoints);
    let feed = Feed::new(tickets.live.clone(), broker.clone(), tickets.clone());
    let (held, noted, listed) = (tickets.clone(), tickets.clone(), tickets.store.clone());
    Ok(Service::new()
        .callers(&config.api.callers)
        .writes(&config.api.writes)
        .mongo(&database)
        .check(Check::broker(&broker))
        .relay(relay)
        .sessions(&sessions, &broker)
        .worker("listeners", |stop| listeners.run(stop))
        .live(feed)
        .worker("relist", |stop| relist::run(listed, stop))
        .worker("sweep", |stop| sweep::run(held, stop))
        .worker("file sweep", |stop| file_sweep::run(noted, stop))
        .routes(routes::routes().into_router(tickets)))
}
