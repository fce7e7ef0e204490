//! `expiration.complete`

use common::events::ExpirationComplete;
use common::listener::Failure;
use common::timestamp::Timestamp;

use crate::models::order::{Order, Refusal};
use crate::state::Orders;

/// An order's deadline has passed: it is cancelled, unless it was paid in time.
pub async fn expiration_complete(orders: Orders, event: ExpirationComplete) -> Result<(), Failure> {
    let expire = |order: &mut Order| match order.expire(Timestamp::now()) {
        Err(Refusal::Complete | Refusal::Cancelled) => Ok(None),
        // The clock of the expiration service is slightly ahead of ours: retrying helps. What comes far too early must not block
        // the order's payment behind it; once it is a dead letter, the sweep takes care of the deadline.
        expired => expired.map_err(|refusal| Failure::Failed(refusal.to_string())),
    };
    orders.store.change(event.order_id, expire).await.map(drop)
}
