//! A ticket was reserved.

use common::events::OrderCreated;
use common::listener::Failure;

use crate::models::order::News;
use crate::state::Payments;

/// An order was created: it can be paid for, unless its end has been heard of before its beginning.
pub async fn order_created(payments: Payments, event: OrderCreated) -> Result<(), Failure> {
    payments.hear(News::from(&event)).await
}
