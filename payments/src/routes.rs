//! Every route of the service.

mod new;
mod refund;
mod sandbox;
mod webhook;

use common::contract;
use common::routes::Routes;
use utoipa::OpenApi;
use utoipa::openapi::OpenApi as Document;

use crate::state::Payments;

/// Method, path, handler.
pub fn routes() -> Routes<Payments> {
    Routes::new()
        .post("/api/payments", new::new)
        .post("/api/payments/sandbox/confirm", sandbox::confirm)
        .post("/api/payments/{order_id}/refund", refund::refund)
        .post("/api/payments/webhook", webhook::webhook)
}

/// What the handlers say of themselves.
#[derive(OpenApi)]
#[openapi(paths(new::new, sandbox::confirm, refund::refund, webhook::webhook,))]
struct Handlers;

/// The routes as they are described to others.
pub fn openapi() -> Document {
    contract::of_service(crate::NAME, Handlers::openapi())
}
