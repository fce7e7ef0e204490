//! Every route of the service.

mod delete;
mod index;
mod live;
mod new;
mod show;

use common::routes::Routes;

use crate::state::Orders;

/// Method, path, handler.
pub fn routes() -> Routes<Orders> {
    Routes::new()
        .post("/api/orders", new::new)
        .get("/api/orders", index::index)
        .get("/api/orders/{id}", show::show)
        .get("/api/orders/{id}/live", live::live)
        .delete("/api/orders/{id}", delete::delete)
}
