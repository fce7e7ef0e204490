use common::events::StateRequested;
use common::listener::Failure;

use crate::state::Payments;

/// `state.requested`: another service may have missed the state of payments, which is published again.
pub async fn state_requested(payments: Payments, event: StateRequested) -> Result<(), Failure> {
    Ok(payments.store.republish_requested(&event).await?)
}
