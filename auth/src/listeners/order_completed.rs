use common::events::OrderCompleted;
use common::listener::Failure;

use crate::models::mail::Mail;
use crate::state::Auth;

/// `order.completed`: the order is paid, and not open any more. Buyer and seller get their receipts, once, however often it arrives.
pub async fn order_completed(auth: Auth, event: OrderCompleted) -> Result<(), Failure> {
    for receipt in Mail::receipts(&event, auth.mails.receipts_since) {
        auth.mails.post(&receipt).await?;
    }
    Ok(auth.orders.ended(event.id).await?)
}
