//! What handlers, listeners and the sweep share.

use std::ops::Deref;
use std::sync::Arc;

use axum::extract::FromRef;
use common::auth::{Operators, Sessions};
use common::mongo::Store;
use common::nats::Broker;
use common::outbox::Outbox;
use mongodb::Database;

use crate::config::Config;
use crate::handover::Handover;
use crate::models::clock::DatabaseClock;
use crate::models::order::Orders;
use crate::models::payment::Payment;
use crate::provider::{Provider, Signature};

/// The state of the payments service. Cheap to clone: axum does so for every request.
#[derive(Clone)]
pub struct Payments(Arc<Parts>);

/// Its parts.
pub struct Parts {
    /// The payments, with their events.
    pub store: Store<Payment>,
    /// The replica of the orders.
    pub orders: Orders,
    /// The clock that judges deadlines.
    pub clock: DatabaseClock,
    /// Who holds and moves the money.
    pub provider: Arc<dyn Provider>,
    /// Settles payments beside the requests.
    pub handover: Handover,
    /// The connection to the broker.
    pub broker: Broker,
    /// Verifies sessions.
    pub sessions: Sessions,
    /// Who may give the money of a complete order back.
    pub operators: Operators,
    /// Verifies the provider's webhooks; none when they are off.
    pub signature: Option<Signature>,
}

impl Deref for Payments {
    type Target = Parts;

    fn deref(&self) -> &Parts {
        &self.0
    }
}

impl FromRef<Payments> for Sessions {
    fn from_ref(state: &Payments) -> Self {
        state.sessions.clone()
    }
}

impl FromRef<Payments> for Operators {
    fn from_ref(state: &Payments) -> Self {
        state.operators.clone()
    }
}

impl Payments {
    /// The state over this database and this provider.
    pub fn new(
        config: &Config,
        database: &Database,
        outbox: Outbox,
        broker: Broker,
        provider: Arc<dyn Provider>,
        handover: Handover,
        sessions: Sessions,
    ) -> Self {
        Self(Arc::new(Parts {
            store: Store::new(database, outbox),
            orders: Orders::new(database),
            clock: DatabaseClock::new(database),
            provider,
            handover,
            broker,
            sessions,
            operators: Operators::new(&config.operators),
            signature: config.stripe_webhook_secret.as_ref().and_then(Signature::new),
        }))
    }
}
