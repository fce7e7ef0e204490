use common::events::ExpirationComplete;
use common::listener::Failure;
use common::timestamp::Timestamp;

use crate::models::order::{Order, Refusal};
use crate::state::Orders;

/// `expiration.complete`: the order's deadline has passed, so it is cancelled, unless it was paid in time.
pub async fn expiration_complete(orders: Orders, event: ExpirationComplete) -> Result<(), Failure> {
    let expire = |order: &mut Order| match order.expire(Timestamp::now()) {
        Err(Refusal::Complete | Refusal::Cancelled) => Ok(None),
        // When the clock of the expiration service is slightly ahead of ours, retrying helps. An event that is far too early must
        // not block the order's payment behind it: it becomes a dead letter, and the sweep enforces the deadline.
        expired => expired.map_err(|refusal| Failure::Failed(refusal.to_string())),
    };
    orders.store.change(event.order_id, expire).await.map(drop)
}
