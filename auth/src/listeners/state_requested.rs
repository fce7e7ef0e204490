use common::events::{SESSION, StateRequested, USER};
use common::listener::Failure;

use crate::state::Auth;

/// `state.requested`: another service may have missed which sessions have ended, or which accounts are deleted: it is published again.
pub async fn state_requested(auth: Auth, event: StateRequested) -> Result<(), Failure> {
    auth.open_sessions.republish_requested(&event).await?;
    // The end of all sessions of an account is in its own document.
    let of_users = if event.of == SESSION { USER.to_owned() } else { event.of.clone() };
    Ok(auth.users.republish_requested(&StateRequested { of: of_users, ..event }).await?)
}
