#![doc = include_str!("../README.md")]

pub mod config;
pub mod listeners;
pub mod models;
pub mod routes;
pub mod state;
pub mod sweep;

use common::error::StartError;
use common::health::Check;
use common::mongo;
use common::nats;
use common::relay::Relay;
use common::service::Service;

use crate::config::Config;
use crate::models::ticket::{self, Ticket};
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
    ticket::create_indexes(&tickets.store).await?;
    let listeners = listeners::listeners(tickets.clone(), broker.clone());
    let held = tickets.clone();
    Ok(Service::new()
        .mongo(&database)
        .check(Check::broker(&broker))
        .relay(relay)
        .worker("listeners", |stop| listeners.run(stop))
        .worker("sweep", |stop| sweep::run(held, stop))
        .routes(routes::routes().into_router(tickets)))
}
