use common::events::ExpirationComplete;
use common::listener::Failure;

use crate::state::Payments;

/// `expiration.complete`: the order's time to pay is over. Whether it was paid in time is decided here, and the orders service is
/// told, each time it asks.
pub async fn expiration_complete(payments: Payments, event: ExpirationComplete) -> Result<(), Failure> {
    let left = payments.time_left(event.order_id, event.expires_at).await?;
    if !left.is_zero() {
        return Err(Failure::NotDue(left));
    }
    payments.expire(event.order_id).await
}
