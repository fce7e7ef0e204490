//! An order was paid for.

use common::events::OrderCompleted;
use common::listener::Failure;

use crate::models::order::News;
use crate::state::Payments;

/// An order is complete: the money that is held for it is taken.
pub async fn order_completed(payments: Payments, event: OrderCompleted) -> Result<(), Failure> {
    payments.hear(News::from(&event)).await
}
