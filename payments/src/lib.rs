#![doc = include_str!("../README.md")]
#![cfg_attr(test, allow(clippy::unwrap_used, reason = "tests fail by panicking"))]

pub mod advance;
pub mod config;
pub mod listeners;
pub mod models;
pub mod provider;
pub mod routes;
pub mod state;
pub mod sweep;

use common::error::StartError;
use common::health::Check;
use common::mongo::{self, Aggregate};
use common::nats;
use common::relay::Relay;
use common::service::Service;

use crate::config::Config;
use crate::models::payment::Payment;
use crate::state::Payments;

/// The name of folder, crate, image, manifest and metrics label.
pub const NAME: &str = "payments";

/// Connects, creates the indexes, chooses the provider and puts the service together.
pub async fn build(config: Config) -> Result<Service, StartError> {
    let database = mongo::connect(&config.mongo, NAME).await?;
    let provider = provider::choose(&config, &database)?;
    let broker = nats::connect(&config.nats, NAME).await?;
    let (outbox, relay) = Relay::new(&database, Payment::COLLECTION, broker.clone());
    let no_index = |error| StartError::Unavailable(format!("no index on payments.outbox: {error}"));
    relay.create_index().await.map_err(no_index)?;
    let (handover, handed) = sweep::handover();
    let payments = Payments::new(&config, &database, outbox, provider, handover);
    payments.store.create_indexes().await?;
    let listeners = listeners::listeners(payments.clone(), broker.clone());
    let sweep = payments.clone();
    Ok(Service::new()
        .mongo(&database)
        .check(Check::broker(&broker))
        .worker("listeners", |stop| listeners.run(stop))
        .worker("sweep", |stop| sweep::run(sweep, handed, stop))
        .relay(relay)
        .routes(routes::routes().into_router(payments)))
}
