use common::events::OrderCompleted;
use common::listener::Failure;
use futures::future::try_join_all;
use futures::try_join;

use crate::models::mail::Mail;
use crate::state::Auth;

/// `order.completed`: the order is paid, and not open any more. Buyer and seller get their receipts, once, however often it arrives.
pub async fn order_completed(auth: Auth, event: OrderCompleted) -> Result<(), Failure> {
    let receipts = Mail::receipts(&event, auth.mails.receipts_since);
    let posted = try_join_all(receipts.iter().map(|receipt| auth.mails.post(receipt)));
    try_join!(posted, auth.orders.ended(event.id))?;
    Ok(())
}
