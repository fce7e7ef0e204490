#![doc = include_str!("../README.md")]

mod api;
mod assets;
pub mod config;
mod extract;
mod failure;
mod next;
mod page;
mod pages;
pub mod routes;
pub mod state;
mod visitor;

use common::service::{Service, StartError};

use crate::config::Config;
use crate::state::Client;

/// The name of folder, crate, image, manifest and metrics label.
pub const NAME: &str = "client";

/// The client as a service: its pages. It is ready whenever it runs, as every page can say which service is away.
///
/// # Errors
/// When the HTTP client cannot be made.
pub async fn build(config: Config) -> Result<Service, StartError> {
    let client = Client::new(&config).map_err(|error| StartError::Away(format!("no HTTP client: {error}")))?;
    Ok(Service::new().routes(routes::router(client)))
}
