//! `expiration.complete`

use common::events::ExpirationComplete;
use common::listener::Failure;
use common::mongo::ChangeError;
use common::timestamp::Timestamp;

use crate::models::order::Refusal;
use crate::state::Orders;

/// An order's deadline has passed: it is cancelled, unless it was paid in time.
pub async fn expiration_complete(orders: &Orders, event: ExpirationComplete) -> Result<(), Failure> {
    match orders.store.change(event.order_id, |order| order.expire(Timestamp::now())).await {
        Ok(_) | Err(ChangeError::Refused(Refusal::Complete | Refusal::Cancelled)) => Ok(()),
        // The clock of the expiration service is a little ahead of ours: soon we agree. What comes far too early must not keep
        // the order's payment waiting behind it; once it is parked, the sweep sees to the deadline.
        Err(ChangeError::Refused(Refusal::NotDue)) => Err(Failure::Failed(Refusal::NotDue.to_string())),
        Err(ChangeError::NotFound) => Err(Failure::Failed("there is no such order".to_owned())),
        Err(ChangeError::Store(error)) => Err(error.into()),
    }
}
