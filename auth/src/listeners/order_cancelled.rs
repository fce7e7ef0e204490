use common::events::OrderCancelled;
use common::listener::Failure;

use crate::state::Auth;

/// `order.cancelled`: the order is not open any more.
pub async fn order_cancelled(auth: Auth, event: OrderCancelled) -> Result<(), Failure> {
    Ok(auth.orders.ended(event.id).await?)
}
