#![doc = include_str!("../README.md")]

pub mod attempts;
pub mod config;
pub mod models;
pub mod password;
pub mod routes;
pub mod state;

use common::error::StartError;
use common::mongo;
use common::service::Service;

use crate::attempts::Attempts;
use crate::config::Config;
use crate::state::Auth;

/// The name of folder, crate, image, manifest and metrics label.
pub const NAME: &str = "auth";

/// Connects, creates the indexes and puts the service together.
pub async fn build(config: Config) -> Result<Service, StartError> {
    let database = mongo::connect(&config.mongo, NAME).await?;
    let attempts = Attempts::per_minute(config.credentials_per_minute);
    let auth = Auth::new(&config, &database, attempts.clone());
    auth.users.create_indexes().await?;
    Ok(Service::new()
        .mongo(&database)
        .worker("attempts", |stop| attempts.clean(stop))
        .routes(routes::routes().into_router(auth)))
}
