//! What the handlers share.

use axum::extract::FromRef;
use common::auth::Sessions;
use mongodb::Database;

use crate::attempts::Attempts;
use crate::config::Config;
use crate::models::user::Users;
use crate::password::Hasher;

/// The state of the auth service. Cheap to clone.
#[derive(Clone, FromRef)]
pub struct Auth {
    /// The accounts.
    pub users: Users,
    /// Hashes and verifies passwords.
    pub hasher: Hasher,
    /// Signs and verifies sessions.
    pub sessions: Sessions,
    /// The rate limit.
    pub attempts: Attempts,
}

impl Auth {
    /// The state over this database.
    pub fn new(config: &Config, database: &Database, attempts: Attempts) -> Self {
        Self { users: Users::new(database), hasher: Hasher::new(), sessions: Sessions::new(&config.session), attempts }
    }
}
