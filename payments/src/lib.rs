#![doc = include_str!("../README.md")]

pub mod carry_out;
pub mod config;
pub mod decide;
pub mod gauges;
pub mod give_back;
pub mod handover;
pub mod listeners;
pub mod models;
pub mod pay;
pub mod provider;
pub mod reconcile;
pub mod routes;
pub mod settle;
pub mod state;
pub mod sweep;
pub mod till;

use common::auth::Sessions;
use common::checkpoint::MongoCheckpoints;
use common::error::StartError;
use common::health::Check;
use common::listener::Listeners;
use common::mongo;
use common::nats;
use common::relay::Relay;
use common::service::Service;
use mongodb::Database;
use tokio::sync::mpsc;

use crate::config::Config;
use crate::handover::{Handed, Handover};
use crate::models::payment::Payment;
use crate::state::Payments;

/// The name of folder, crate, image, manifest and metrics label.
pub const NAME: &str = "payments";

/// What the service and its subcommand are put together from.
struct Parts {
    database: Database,
    payments: Payments,
    relay: Relay<Payment>,
    handed: mpsc::Receiver<Handed>,
}

/// Connects, creates the indexes and chooses the provider.
async fn connect(config: &Config) -> Result<Parts, StartError> {
    let database = mongo::connect(&config.api.mongo, NAME).await?;
    let provider = provider::choose(config, &database)?;
    let broker = nats::connect(&config.api.nats, NAME).await?;
    let (outbox, relay) = Relay::<Payment>::new(&database, broker.clone());
    let (handover, handed) = Handover::new();
    let sessions = Sessions::open(&config.api.session, &database).await?;
    let payments = Payments::new(config, &database, outbox, broker, provider, handover, sessions);
    relay.create_index().await?;
    models::payments::create_indexes(&payments.store).await?;
    let unread = |error| StartError::Unavailable(format!("the database's clock was not read: {error}"));
    payments.clock.read().await.map_err(unread)?;
    Ok(Parts { database, payments, relay, handed })
}

/// Puts the service together.
pub async fn build(config: Config) -> Result<Service, StartError> {
    let Parts { database, payments, relay, handed } = connect(&config).await?;
    let broker = payments.broker.clone();
    let checkpoints = MongoCheckpoints::new(&database, Some("orders"));
    let listeners =
        Listeners::new(NAME, payments.clone(), broker.clone(), listeners::listeners()).checkpoints(checkpoints);
    let (sweep, sessions) = (payments.clone(), payments.sessions.clone());
    Ok(Service::new()
        .callers(&config.api.callers)
        .writes(&config.api.writes)
        .mongo(&database)
        .check(Check::broker(&broker))
        .worker("listeners", |stop| listeners.run(stop))
        .worker("sweep", |stop| sweep::run(sweep, handed, stop))
        .relay(relay)
        .sessions(&sessions, &broker)
        .routes(routes::routes().into_router(payments)))
}
