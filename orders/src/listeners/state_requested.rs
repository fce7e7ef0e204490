use common::events::StateRequested;
use common::listener::Failure;

use crate::state::Orders;

/// `state.requested`: another service may have missed the state of orders, which is published again.
pub async fn state_requested(orders: Orders, event: StateRequested) -> Result<(), Failure> {
    Ok(orders.store.republish_requested(&event).await?)
}
