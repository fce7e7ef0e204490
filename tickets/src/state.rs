//! What handlers and listeners share.

use axum::extract::FromRef;
use common::auth::Sessions;
use common::id::Id;
use common::listener::Failure;
use common::mongo::Store;
use common::nats::Broker;
use common::outbox::Outbox;
use common::timestamp::Timestamp;
use mongodb::Database;

use crate::config::Config;
use crate::models::reservations::Hold;
use crate::models::ticket::Ticket;

/// The state of the tickets service. Cheap to clone.
#[derive(Clone, FromRef)]
pub struct Tickets {
    /// The tickets, with their events.
    pub store: Store<Ticket>,
    /// The connection to the broker.
    pub broker: Broker,
    /// Verifies sessions.
    pub sessions: Sessions,
}

impl Tickets {
    /// The state over this database.
    pub fn new(config: &Config, database: &Database, outbox: Outbox, broker: Broker) -> Self {
        Self { store: Store::new(database, outbox), broker, sessions: Sessions::new(&config.session) }
    }

    /// Applies an order's hold on its ticket, at that version of the order; `deadline` is that of a live order.
    pub async fn apply(
        &self,
        ticket: Id,
        order: Id,
        version: i32,
        hold: Hold,
        deadline: Option<Timestamp>,
    ) -> Result<(), Failure> {
        self.store.change(ticket, |ticket| Ok(ticket.apply(order, version, hold, deadline))).await.map(drop)
    }
}
