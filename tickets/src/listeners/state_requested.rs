use common::events::StateRequested;
use common::listener::Failure;

use crate::state::Tickets;

/// `state.requested`: another service may have missed the state of tickets, which is published again.
pub async fn state_requested(tickets: Tickets, event: StateRequested) -> Result<(), Failure> {
    Ok(tickets.store.republish_requested(&event).await?)
}
