//! Every route of the service.

mod delete;
mod index;
mod live;
mod new;
mod show;

use common::contract;
use common::routes::Routes;
use utoipa::OpenApi;
use utoipa::openapi::OpenApi as Document;

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

/// What the handlers say of themselves.
#[derive(OpenApi)]
#[openapi(paths(new::new, index::index, show::show, live::live, delete::delete,))]
struct Handlers;

/// The routes as they are described to others.
pub fn openapi() -> Document {
    contract::of_service(crate::NAME, Handlers::openapi())
}
