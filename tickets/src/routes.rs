//! Every route of the service.

mod index;
mod new;
mod show;
mod update;

use common::routes::Routes;

use crate::state::Tickets;

/// Method, path, handler.
pub fn routes() -> Routes<Tickets> {
    Routes::new()
        .post("/api/tickets", new::new)
        .get("/api/tickets", index::index)
        .get("/api/tickets/{id}", show::show)
        .put("/api/tickets/{id}", update::update)
}
