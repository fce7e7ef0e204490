//! Every page and form of the client.

use axum::Router;
use axum::extract::{DefaultBodyLimit, Request, State};
use axum::handler::Handler;
use axum::http::header::{CACHE_CONTROL, CONTENT_SECURITY_POLICY, CONTENT_TYPE, REFERRER_POLICY};
use axum::http::{HeaderName, HeaderValue, StatusCode, Uri};
use axum::middleware::{Next, from_fn_with_state};
use axum::response::{IntoResponse, Response};
use common::caller::Caller;
use common::extract::PathId;
use common::routes::Routes;
use tower_http::compression::CompressionLayer;

use crate::failure::Failure;
use crate::forms::FORM_WITH_FILE_BYTES;
use crate::page::redirect;
use crate::state::Client;
use crate::visitor::with_visitor;
use crate::{account, assets, auth, docs, events, find, language, mailbox, operator, orders, selling, site, tickets};

/// Method, path, handler.
pub fn routes() -> Routes<Client> {
    Routes::new()
        .get("/", find::index::page)
        .get("/events/{key}", events::show::page)
        .get("/auth/signup", auth::signup::page)
        .post("/auth/signup", auth::signup::submit)
        .get("/auth/signin", auth::signin::page)
        .post("/auth/signin", auth::signin::submit)
        .get("/auth/signout", auth::signout::page)
        .post("/auth/signout", auth::signout::submit)
        .get("/auth/forgot", auth::forgot::page)
        .post("/auth/forgot", auth::forgot::submit)
        .get("/reset", auth::reset::page)
        .post("/reset", auth::reset::submit)
        .get("/verify", auth::verify::page)
        .post("/verify", auth::verify::submit)
        .get("/tickets/new", tickets::new::page)
        .post("/tickets/new", tickets::new::submit.layer(with_file()))
        .get("/tickets/{id}", tickets::show::page)
        .get("/tickets/{id}/edit", tickets::edit::page)
        .post("/tickets/{id}/edit", tickets::edit::submit)
        .get("/tickets/{id}/withdraw", tickets::withdraw::page)
        .post("/tickets/{id}/withdraw", tickets::withdraw::submit)
        .get("/tickets/{id}/file", tickets::file::page)
        .post("/tickets/{id}/file", tickets::file::submit.layer(with_file()))
        .get("/tickets/{id}/report", tickets::report::page)
        .post("/tickets/{id}/report", tickets::report::submit)
        .get("/tickets/{id}/buy", page_above)
        .post("/tickets/{id}/buy", tickets::buy::submit)
        .get("/selling", selling::page)
        .get("/account", account::page)
        .get("/account/settings", account::settings::page)
        .get("/account/settings/address", account::settings::there)
        .post("/account/settings/address", account::settings::prove_address)
        .get("/account/settings/password", account::settings::there)
        .post("/account/settings/password", account::password::submit)
        .get("/account/settings/sessions", account::settings::there)
        .post("/account/settings/sessions", account::sessions::end_others)
        .get("/account/settings/sessions/{id}", account::settings::there)
        .post("/account/settings/sessions/{id}", account::sessions::end)
        .get("/account/delete", account::delete::page)
        .post("/account/delete", account::delete::submit)
        .get("/mailbox", mailbox::page)
        .get("/operator", operator::page)
        .get("/operator/tickets/{id}/takedown", operator::takedown::page)
        .post("/operator/tickets/{id}/takedown", operator::takedown::submit)
        .post("/operator/tickets/{id}/dismiss", operator::dismiss::submit)
        .get("/operator/orders/{id}/refund", operator::refund::page)
        .post("/operator/orders/{id}/refund", operator::refund::submit)
        .get("/orders", orders::index::page)
        .get("/orders/{id}", orders::show::page)
        .get("/orders/{id}/pay", page_above)
        .post("/orders/{id}/pay", orders::pay::submit)
        .get("/orders/{id}/confirm", orders::confirm::page)
        .post("/orders/{id}/confirm", orders::confirm::submit)
        .get("/orders/{id}/cancel", page_above)
        .post("/orders/{id}/cancel", orders::cancel::submit)
        .get("/orders/{id}/calendar.ics", orders::calendar::file)
        .post("/language", language::choose::submit)
        .get("/terms", site::legal::terms)
        .get("/privacy", site::legal::privacy)
        .get("/feed.xml", site::feed::file)
        .get("/robots.txt", site::robots::file)
        .get("/sitemap.xml", site::sitemap::file)
        .get("/docs", docs::page)
        .get("/docs/openapi.json", docs::openapi)
        .get("/docs/{file}", docs::file)
        .get("/preview.png", assets::preview)
        .get("/assets/{file}", assets::file)
}

/// What holds for every answer that says nothing else itself, such as an image: it is no page, and nobody frames it.
const POLICY: &str = "default-src 'none'; frame-ancestors 'none'";

/// What no page of ours does, nor a script that came into one. Paying is left out: Stripe's frame asks for it.
const NOT_USED: &str = "accelerometer=(), bluetooth=(), browsing-topics=(), camera=(), display-capture=(), geolocation=(), \
    gyroscope=(), hid=(), magnetometer=(), microphone=(), midi=(), serial=(), usb=(), xr-spatial-tracking=()";

/// The routes. What they answer is compressed.
pub fn router(client: Client) -> Router {
    let routes = routes().into_router(client.clone());
    // One layer and not one for each step, as in `common::service`.
    routes.layer(from_fn_with_state(client, pass)).layer(CompressionLayer::new())
}

/// What a request passes on its way to a route: it gets its visitor, and each failure its page.
async fn pass(State(client): State<Client>, caller: Caller, request: Request, next: Next) -> Response {
    let answer = async |request| not_found(next.run(request).await);
    protect(with_visitor(&client, caller, request, answer).await)
}

/// The limit of a form with a file.
fn with_file() -> DefaultBodyLimit {
    DefaultBodyLimit::max(FORM_WITH_FILE_BYTES)
}

/// The address of a button leads to the page with the button: a visitor comes here after signing in.
async fn page_above(PathId(_): PathId, address: Uri) -> Response {
    redirect(address.path().rsplit_once('/').map_or("/", |(page, _)| page))
}

/// Tells the browser what no answer allows. `nosniff` and the rest come from `common`.
fn protect(mut response: Response) -> Response {
    let always = [
        (CONTENT_SECURITY_POLICY, POLICY),
        (REFERRER_POLICY, "same-origin"),
        (CACHE_CONTROL, "no-store"),
        (HeaderName::from_static("permissions-policy"), NOT_USED),
    ];
    for (name, value) in always {
        response.headers_mut().entry(name).or_insert(HeaderValue::from_static(value));
    }
    response
}

/// `common` answers an unknown path, method or id with the services' JSON. A browser gets the page.
fn not_found(response: Response) -> Response {
    let is_json = response.headers().get(CONTENT_TYPE).is_some_and(|media_type| media_type == "application/json");
    if is_json && response.status() == StatusCode::NOT_FOUND { Failure::NotFound.into_response() } else { response }
}
