//! Paying for an order.

use axum::extract::State;
use common::api::{OrderStatus, PaymentBody};
use common::auth::CurrentUser;
use common::error::ApiError;
use common::extract::{Fields, Valid, ValidJson, filled};
use common::id::Id;
use common::mongo::Aggregate;
use common::respond::Created;
use common::retry::wait_for;

use crate::models::payment::{Outcome, Payment};
use crate::state::Payments;

/// How many attempts of others, each with another card and each declined, a request sits through before it gives up.
const TURNS: u32 = 5;

const CANCELLED: &str = "Cannot pay for a cancelled order";

/// The body of a payment.
pub struct NewPayment {
    token: String,
    order_id: String,
}

impl Valid for NewPayment {
    fn read(body: &mut Fields) -> Option<Self> {
        let token = body.take("token", |value| filled(value, "Token is required").map(str::to_owned));
        let order_id = body.take("orderId", |value| filled(value, "OrderId is required").map(str::to_owned));
        Some(Self { token: token?, order_id: order_id? })
    }
}

/// `POST /api/payments`: authorises the price of the signed-in buyer's order on the card behind the token. However often and
/// from wherever it is sent, an order is paid once.
pub async fn new(
    State(payments): State<Payments>,
    CurrentUser(buyer): CurrentUser,
    ValidJson(request): ValidJson<NewPayment>,
) -> Result<Created<PaymentBody>, ApiError> {
    let order_id: Id = request.order_id.parse().map_err(|_| ApiError::NotFound)?;
    let order = wait_for(|| payments.orders.find_known(order_id)).await?;
    let order = order.ok_or(ApiError::NotFound)?;
    if order.user_id != buyer.id {
        return Err(ApiError::NotAuthorized);
    }
    match order.status {
        OrderStatus::Cancelled => return Err(ApiError::refused(CANCELLED)),
        // An order completes by a payment of ours. Should that be lost (a restored database), nobody is charged again.
        OrderStatus::Complete if payments.store.live(order_id).await?.is_none() => {
            return Err(ApiError::refused("Order is already paid"));
        }
        _ => {}
    }
    for _ in 0..TURNS {
        let attempt = payments.store.claim(Payment::attempt(&order, &request.token)).await?;
        let is_our_card = attempt.is_attempt_with(&request.token);
        let payment = payments.authorise(attempt).await?;
        // Only now: whoever cancels the order from here on finds the payment.
        let payment = payments.follow_order(payment).await?;
        payments.handover.hand(&payment);
        match payment.outcome() {
            Outcome::Paid => return Ok(Created(payment.body())),
            Outcome::TakenBack => return Err(ApiError::refused(CANCELLED)),
            Outcome::Declined(reason) if is_our_card => return Err(ApiError::refused(reason)),
            Outcome::Declined(_) => {}
            Outcome::Undecided => return Err(ApiError::Internal(format!("payment {} names no card", payment.id()))),
        }
    }
    Err(ApiError::Conflict)
}
