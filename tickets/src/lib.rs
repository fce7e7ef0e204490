#![doc = include_str!("../README.md")]

pub mod config;
pub mod listeners;
pub mod models;
pub mod routes;
pub mod state;
pub mod sweep;

use common::checkpoint::MongoCheckpoints;
use common::error::StartError;
use common::health::Check;
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
    let database = mongo::connect(&config.mongo, NAME).await?;
    let broker = nats::connect(&config.nats, NAME).await?;
    let (outbox, relay) = Relay::<Ticket>::new(&database, broker.clone());
    let tickets = Tickets::new(&config, &database, outbox, broker.clone());
    relay.create_index().await?;
    models::tickets::create_indexes(&tickets.store).await?;
    let checkpoints = MongoCheckpoints::new(&database, None);
    let listeners = listeners::listeners(tickets.clone(), broker.clone()).checkpoints(checkpoints);
    let held = tickets.clone();
    Ok(Service::new()
        .mongo(&database)
        .check(Check::broker(&broker))
        .relay(relay)
        .worker("listeners", |stop| listeners.run(stop))
        .worker("sweep", |stop| sweep::run(held, stop))
        .routes(routes::routes().into_router(tickets)))
}
