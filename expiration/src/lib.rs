#![doc = include_str!("../README.md")]

pub mod checkpoint;
pub mod config;
pub mod connection;
pub mod listeners;
pub mod schedule;
pub mod timer;

use common::error::StartError;
use common::health::Check;
use common::listener::Listeners;
use common::nats;
use common::service::Service;

use crate::checkpoint::RedisCheckpoint;
use crate::config::Config;
use crate::connection::Connection;
use crate::schedule::Schedule;

/// The name of folder, crate, image, manifest and metrics label.
pub const NAME: &str = "expiration";

/// Puts the service together. Redis and the broker are connected to in the background; until both have answered, the
/// service is not ready.
pub async fn build(config: Config) -> Result<Service, StartError> {
    let connection = Connection::new(&config.redis_host, &config.redis_ca_file)?;
    let broker = nats::connect(&config.nats, NAME).await?;
    let schedule = Schedule::new(connection.clone());
    let checkpoint = RedisCheckpoint::new(connection.clone());
    let listeners =
        Listeners::new(NAME, schedule.clone(), broker.clone(), listeners::listeners()).checkpoints(checkpoint);
    Ok(Service::new()
        .check(Check::new("redis", move || connection.clone().ping()))
        .check(Check::broker(&broker))
        .worker("timer", |stop| timer::run(schedule, broker, stop))
        .worker("listeners", |stop| listeners.run(stop)))
}
