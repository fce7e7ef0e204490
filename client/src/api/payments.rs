//! What was paid.

use std::time::Duration;

use axum::http::Method;
use common::api::PaymentBody;
use common::id::Id;
use serde_json::json;

use crate::api::Service;
use crate::failure::Failure;
use crate::visitor::Visitor;

/// How long a payment may take: the payments service waits up to 2 s for the order's event and 8 s for the card's bank. With
/// what comes before and after, it stays below the 15 s in which a request is answered.
const PAYMENT_LIMIT: Duration = Duration::from_secs(11);

/// The payments service.
#[derive(Clone)]
pub struct PaymentsApi(pub Service);

impl PaymentsApi {
    /// `POST /api/payments`
    ///
    /// # Errors
    /// What any answer but a success means to a page.
    pub async fn pay(&self, visitor: &Visitor, order: Id, token: &str) -> Result<PaymentBody, Failure> {
        let request = self.0.request(Method::POST, visitor, "/api/payments").timeout(PAYMENT_LIMIT);
        self.0.read(self.0.send(request.json(&json!({"orderId": order, "token": token}))).await?).await
    }
}
