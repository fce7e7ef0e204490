use common::events::OrderCreated;
use common::listener::Failure;

use crate::state::Auth;

/// `order.created`: the buyer has an open order, unless its end was handled before.
pub async fn order_created(auth: Auth, event: OrderCreated) -> Result<(), Failure> {
    Ok(auth.orders.made(event.id, event.user_id).await?)
}
