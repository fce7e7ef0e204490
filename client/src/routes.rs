//! Every page and form of the client.

mod asset;
mod auth;
mod index;
mod orders;
mod tickets;

use axum::Router;
use axum::http::StatusCode;
use axum::http::header::CONTENT_TYPE;
use axum::middleware::{from_fn_with_state, map_response};
use axum::response::{IntoResponse, Response};
use common::routes::Routes;

use crate::failure::Failure;
use crate::state::Client;
use crate::visitor::introduce;

/// Method, path, handler.
pub fn routes() -> Routes<Client> {
    Routes::new()
        .get("/", index::page)
        .get("/auth/signup", auth::signup::page)
        .post("/auth/signup", auth::signup::submit)
        .get("/auth/signin", auth::signin::page)
        .post("/auth/signin", auth::signin::submit)
        .get("/auth/signout", auth::signout::page)
        .post("/auth/signout", auth::signout::submit)
        .get("/tickets/new", tickets::new::page)
        .post("/tickets/new", tickets::new::submit)
        .get("/tickets/{id}", tickets::show::page)
        .get("/tickets/{id}/edit", tickets::edit::page)
        .post("/tickets/{id}/edit", tickets::edit::submit)
        .get("/tickets/{id}/buy", tickets::buy::page)
        .post("/tickets/{id}/buy", tickets::buy::submit)
        .get("/orders", orders::index::page)
        .get("/orders/{id}", orders::show::page)
        .get("/orders/{id}/pay", orders::pay::page)
        .post("/orders/{id}/pay", orders::pay::submit)
        .get("/orders/{id}/cancel", orders::cancel::page)
        .post("/orders/{id}/cancel", orders::cancel::submit)
        .get("/assets/{file}", asset::file)
}

/// The routes, with pages for what goes wrong.
pub fn router(client: Client) -> Router {
    routes()
        .into_router(client.clone())
        .layer(map_response(unknown_as_page))
        .layer(from_fn_with_state(client, introduce))
}

/// The table answers an unknown path or method with the services' JSON. A browser gets the page.
async fn unknown_as_page(response: Response) -> Response {
    let is_json = response.headers().get(CONTENT_TYPE).is_some_and(|media_type| media_type == "application/json");
    if is_json && response.status() == StatusCode::NOT_FOUND { Failure::NotFound.into_response() } else { response }
}
