//! The databases and the stream, for looking into them past the API.

use async_nats::jetstream;
use mongodb::Database;

/// The stores of one platform.
#[derive(Clone)]
pub struct Stores {
    /// Accounts.
    pub auth: Database,
    /// What is for sale.
    pub tickets: Database,
    /// What was reserved.
    pub orders: Database,
    /// What was paid.
    pub payments: Database,
    /// What the services told each other.
    pub jetstream: jetstream::Context,
}
