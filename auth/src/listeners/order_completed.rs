use common::events::OrderCompleted;
use common::listener::Failure;

use crate::state::Auth;

/// `order.completed`: the order is paid, and not open any more.
pub async fn order_completed(auth: Auth, event: OrderCompleted) -> Result<(), Failure> {
    Ok(auth.orders.ended(event.id).await?)
}
