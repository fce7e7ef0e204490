use common::events::{ORDER, StateRequested};
use common::id::Id;
use common::listener::Failure;
use common::mongo::StoreError;

use crate::models::order::Order;
use crate::state::Orders;

/// `state.requested`: another service may have missed the state of orders, which is published again.
pub async fn state_requested(orders: Orders, event: StateRequested) -> Result<(), Failure> {
    if let Some(id) = event.id.filter(|_| event.of == ORDER) {
        keep_price(&orders, id).await?;
    }
    Ok(orders.store.republish_requested(&event).await?)
}

/// An order of the original is published with the price of its ticket, and keeps it.
async fn keep_price(orders: &Orders, id: Id) -> Result<(), StoreError> {
    let Some(order) = orders.store.find(id).await?.filter(|order| order.price().is_none()) else {
        return Ok(());
    };
    let Some(ticket) = orders.tickets.find_known(order.ticket()).await? else {
        return Ok(());
    };
    let keep = |order: &mut Order| {
        order.keep_price(ticket.price);
        Ok::<_, StoreError>(())
    };
    orders.store.change(id, keep).await.map(drop)
}
