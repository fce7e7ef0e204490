//! Every route of the service.

mod delete;
mod dismiss;
mod download;
mod events;
mod facets;
mod index;
mod live;
mod mine;
mod new;
mod query;
mod report;
mod reports;
mod show;
mod takedown;
mod update;
mod upload;

use common::contract;
use common::routes::Routes;
use utoipa::OpenApi;
use utoipa::openapi::OpenApi as Document;

use crate::state::Tickets;

/// Method, path, handler.
pub fn routes() -> Routes<Tickets> {
    Routes::new()
        .post("/api/tickets", new::new)
        .get("/api/tickets", index::index)
        .get("/api/tickets/events", events::events)
        .get("/api/tickets/events/facets", facets::facets)
        .get("/api/tickets/live", live::live)
        .get("/api/tickets/mine", mine::mine)
        .get("/api/tickets/reports", reports::reports)
        .get("/api/tickets/{id}", show::show)
        .put("/api/tickets/{id}", update::update)
        .delete("/api/tickets/{id}", delete::delete)
        .put("/api/tickets/{id}/file", upload::upload)
        .get("/api/tickets/{id}/file", download::download)
        .post("/api/tickets/{id}/report", report::report)
        .delete("/api/tickets/{id}/reports", dismiss::dismiss)
        .post("/api/tickets/{id}/takedown", takedown::takedown)
}

/// What the handlers say of themselves.
#[derive(OpenApi)]
#[openapi(paths(
    new::new,
    index::index,
    events::events,
    facets::facets,
    live::live,
    mine::mine,
    reports::reports,
    show::show,
    update::update,
    delete::delete,
    upload::upload,
    download::download,
    report::report,
    dismiss::dismiss,
    takedown::takedown,
))]
struct Handlers;

/// The routes as they are described to others.
pub fn openapi() -> Document {
    contract::of_service(crate::NAME, Handlers::openapi())
}
