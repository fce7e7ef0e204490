//! Every route of the service.

mod new;
mod refund;
mod sandbox;
mod webhook;

use common::routes::Routes;

use crate::state::Payments;

/// Method, path, handler.
pub fn routes() -> Routes<Payments> {
    Routes::new()
        .post("/api/payments", new::new)
        .post("/api/payments/sandbox/confirm", sandbox::confirm)
        .post("/api/payments/{order_id}/refund", refund::refund)
        .post("/api/payments/webhook", webhook::webhook)
}
