//! What handlers and listeners share.

use axum::extract::FromRef;
use common::auth::Sessions;
use common::mongo::Store;
use common::outbox::Outbox;
use mongodb::Database;

use crate::config::Config;
use crate::models::ticket::Ticket;

/// The state of the tickets service. Cheap to clone.
#[derive(Clone, FromRef)]
pub struct Tickets {
    /// The tickets, with their events.
    pub store: Store<Ticket>,
    /// Verifies sessions.
    pub sessions: Sessions,
}

impl Tickets {
    /// The state over this database.
    pub fn new(config: &Config, database: &Database, outbox: Outbox) -> Self {
        Self { store: Store::new(database, outbox), sessions: Sessions::new(&config.session) }
    }
}
