//! Every route of the service.

mod new;

use common::routes::Routes;

use crate::state::Payments;

/// Method, path, handler.
pub fn routes() -> Routes<Payments> {
    Routes::new().post("/api/payments", new::new)
}
