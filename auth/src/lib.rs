#![doc = include_str!("../README.md")]

pub mod attempts;
mod authenticate;
pub mod config;
pub mod device;
pub mod guesses;
pub mod listeners;
pub mod mailing;
pub mod models;
pub mod password;
pub mod routes;
pub mod seen;
pub mod state;

use common::auth::Sessions;
use common::checkpoint::MongoCheckpoints;
use common::error::StartError;
use common::health::Check;
use common::listener::Listeners;
use common::mongo;
use common::nats;
use common::relay::Relay;
use common::service::Service;

use crate::attempts::Attempts;
use crate::config::Config;
use crate::guesses::Guesses;
use crate::mailing::{Mailing, Way};
use crate::models::mails::Mails;
use crate::models::session::Session;
use crate::models::user::User;
use crate::models::{session, signing_key, user};
use crate::state::{Auth, Stores};

/// The name of folder, crate, image, manifest, durable consumer and metrics label.
pub const NAME: &str = "auth";

/// Connects, creates the indexes and puts the service together.
pub async fn build(config: Config) -> Result<Service, StartError> {
    let way = Way::choose(&config.mail)?;
    let database = mongo::connect(&config.api.mongo, NAME).await?;
    let broker = nats::connect(&config.api.nats, NAME).await?;
    let (users, user_relay) = Relay::<User>::new(&database, broker.clone());
    let (open_sessions, session_relay) = Relay::<Session>::new(&database, broker.clone());
    let stores = Stores::new(&database, users, open_sessions);
    user_relay.create_index().await?;
    session_relay.create_index().await?;
    user::create_indexes(&stores.users).await?;
    session::create_indexes(&stores.open_sessions).await?;
    stores.orders.create_indexes().await?;
    let guesses = Guesses::new(&config.api.session, &database);
    guesses.create_indexes().await?;
    let mails = Mails::open(&database, config.mail.is_local()).await?;
    let sessions = Sessions::open(&config.api.session, &database).await?;
    let unavailable = |error: String| StartError::Unavailable(format!("the signing key was not noted: {error}"));
    let key = sessions.signing_key_name().map_err(|error| unavailable(error.to_string()))?;
    let retired = signing_key::others_retired(&database, &key).await.map_err(|error| unavailable(error.to_string()))?;
    let attempts = Attempts::per_minute(config.credentials_per_minute);
    let auth = Auth::new(stores, sessions, retired, attempts.clone(), guesses, mails);
    if user::any_legacy(&auth.users).await.map_err(|error| StartError::Unavailable(error.to_string()))? {
        auth.hasher.expect_legacy();
    }
    let mailing = Mailing::new(&config.mail, auth.clone(), way);
    let listeners = Listeners::new(NAME, auth.clone(), broker.clone(), listeners::listeners())
        .checkpoints(MongoCheckpoints::new(&database, Some("orders")));
    let (seen, seen_sessions) = (auth.seen.clone(), auth.open_sessions.clone());
    Ok(Service::new()
        .callers(&config.api.callers)
        .writes(&config.api.writes)
        .mongo(&database)
        .check(Check::broker(&broker))
        .relay(user_relay)
        .relay(session_relay)
        .sessions(&auth.sessions, &broker)
        .worker("listeners", |stop| listeners.run(stop))
        .worker("mailing", |stop| mailing.run(stop))
        .worker("seen", |stop| seen.store(seen_sessions, stop))
        .worker("attempts", |stop| attempts.clean(stop))
        .routes(routes::routes().into_router(auth)))
}
