//! What handlers and listeners share.

use std::ops::Deref;
use std::sync::Arc;
use std::time::Duration;

use axum::extract::FromRef;
use common::auth::{Operators, Sessions};
use common::id::Id;
use common::live::Live;
use common::mongo::{Store, StoreError};
use common::nats::Broker;
use common::outbox::{Outbox, Publishes};
use mongodb::Database;

use crate::config::Config;
use crate::limits::Limits;
use crate::models::order::Order;
use crate::models::ticket::TicketReplica;
use crate::nothing_open::NothingOpen;
use crate::rush::Rush;

/// The state of the orders service. Cheap to clone: axum does so for every request.
#[derive(Clone)]
pub struct Orders(Arc<Parts>);

/// Its parts.
pub struct Parts {
    /// The orders, with their events.
    pub store: Store<Order>,
    /// The replica of the tickets.
    pub tickets: TicketReplica,
    /// The connection to the broker.
    pub broker: Broker,
    /// Verifies sessions.
    pub sessions: Sessions,
    /// Who may see every order.
    pub operators: Operators,
    /// The connections that are told of changes.
    pub live: Live,
    /// How long a buyer has to pay.
    pub window: Duration,
    /// How much a buyer may reserve without paying.
    pub limits: Limits,
    /// What is known of tickets that were just taken.
    pub rush: Rush,
    /// Which buyers have nothing to pay.
    pub nothing_open: NothingOpen,
}

impl Deref for Orders {
    type Target = Parts;

    fn deref(&self) -> &Parts {
        &self.0
    }
}

impl FromRef<Orders> for Sessions {
    fn from_ref(state: &Orders) -> Self {
        state.sessions.clone()
    }
}

impl FromRef<Orders> for Operators {
    fn from_ref(state: &Orders) -> Self {
        state.operators.clone()
    }
}

impl Orders {
    /// The state over this database.
    pub fn new(config: &Config, database: &Database, outbox: Outbox, broker: Broker, sessions: Sessions) -> Self {
        Self(Arc::new(Parts {
            store: Store::new(database, outbox),
            tickets: TicketReplica::new(database),
            nothing_open: NothingOpen::new(broker.clone()),
            broker,
            sessions,
            operators: Operators::new(&config.operators),
            live: Live::new(&config.live),
            window: Duration::from_secs(config.expiration_window_seconds),
            limits: Limits::new(config),
            rush: Rush::default(),
        }))
    }

    /// Changes an order as [`Store::change`] does.
    pub async fn change<P: Publishes, F: From<StoreError>>(
        &self,
        id: Id,
        decide: impl FnMut(&mut Order) -> Result<P, F>,
    ) -> Result<Order, F> {
        let order = self.store.change(id, decide).await?;
        if !order.is_live() {
            self.rush.forget(order.ticket());
        }
        Ok(order)
    }
}
