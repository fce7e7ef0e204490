//! A reservation was given back or ran out.

use common::events::OrderCancelled;
use common::listener::Failure;

use crate::models::order::News;
use crate::state::Payments;

/// An order was cancelled: money that is held for it is released, money that was taken for it goes back.
pub async fn order_cancelled(payments: Payments, event: OrderCancelled) -> Result<(), Failure> {
    payments.hear(News::from(&event)).await
}
