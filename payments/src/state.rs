//! What the handlers share.

use std::sync::Arc;

use axum::extract::FromRef;
use common::auth::Sessions;
use common::outbox::Outbox;
use mongodb::Database;

use crate::config::Config;
use crate::models::order::Orders;
use crate::models::payments::PaymentStore;
use crate::provider::Provider;
use crate::sweep::Handover;

/// The state of the payments service. Cheap to clone.
#[derive(Clone, FromRef)]
pub struct Payments {
    /// The payments.
    pub store: PaymentStore,
    /// The replica of the orders.
    pub orders: Orders,
    /// Who holds and moves the money.
    pub provider: Arc<dyn Provider>,
    /// Takes payments further beside the requests.
    pub handover: Handover,
    /// Verifies sessions.
    pub sessions: Sessions,
}

impl Payments {
    /// The state over this database and this provider.
    pub fn new(
        config: &Config,
        database: &Database,
        outbox: Outbox,
        provider: Arc<dyn Provider>,
        handover: Handover,
    ) -> Self {
        Self {
            store: PaymentStore::new(database, outbox),
            orders: Orders::new(database),
            provider,
            handover,
            sessions: Sessions::new(&config.session),
        }
    }
}
