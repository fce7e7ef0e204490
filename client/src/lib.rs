#![doc = include_str!("../README.md")]

pub mod config;
pub mod live;
pub mod routes;
pub mod state;

mod account;
mod auth;
mod events;
mod find;
mod mailbox;
mod operator;
mod orders;
mod selling;
mod site;
mod tickets;

mod artwork;
mod assets;
#[allow(dead_code, reason = "one set of parts for every page")]
mod card;
mod docs;
mod done;
mod failure;
mod flash;
mod forms;
mod icons;
mod language;
mod list;
mod next;
mod page;
mod visitor;

use common::error::StartError;
use common::service::Service;

use crate::config::Config;
use crate::state::Client;

/// The name of folder, crate, image, manifest and metrics label.
pub const NAME: &str = "client";

/// The client as a service. It is ready as soon as it runs: a page can say which service is unavailable.
///
/// # Errors
/// When the HTTP client cannot be made.
pub async fn build(config: Config) -> Result<Service, StartError> {
    let callers = config.callers.clone();
    let client = Client::new(config).map_err(|error| StartError::Unavailable(format!("no HTTP client: {error}")))?;
    let listening = client.clone();
    let service = Service::new().callers(&callers).worker("live", |stop| live::follow(listening, stop));
    Ok(service.pages(routes::router(client)))
}
