//! Every route of the service.

mod new;
mod provider;
mod refund;
mod sandbox;
mod webhook;

use common::routes::Routes;

use crate::state::Payments;

/// Method, path, handler.
pub fn routes() -> Routes<Payments> {
    Routes::new()
        .post("/api/payments", new::new)
        .get("/api/payments/provider", provider::provider)
        .post("/api/payments/sandbox/confirm", sandbox::confirm)
        .post("/api/payments/{order_id}/refund", refund::refund)
        .post("/api/payments/webhook", webhook::webhook)
}
