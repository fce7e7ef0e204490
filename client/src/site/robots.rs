//! `GET /robots.txt`

use axum::http::header;
use axum::response::{IntoResponse, Response};

use crate::visitor::Visitor;

/// What concerns only whoever is signed in, or only one press of a button. `$` ends an address, `*` is any part of one.
const NOT_FOR_ROBOTS: [&str; 14] = [
    "/account",
    "/auth/",
    "/mailbox",
    "/operator",
    "/orders",
    "/reset",
    "/selling",
    "/tickets/new",
    "/tickets/*/buy",
    "/tickets/*/edit",
    "/tickets/*/file",
    "/tickets/*/report",
    "/tickets/*/withdraw",
    "/verify",
];

/// `GET /robots.txt`: what search engines need not ask for, and where the list of all pages is.
pub async fn file(visitor: Visitor) -> Response {
    let rules: String = NOT_FOR_ROBOTS.map(|path| format!("Disallow: {path}\n")).concat();
    let text = format!("User-agent: *\n{rules}\nSitemap: {}/sitemap.xml\n", visitor.origin());
    let headers =
        [(header::CONTENT_TYPE, "text/plain; charset=utf-8"), (header::CACHE_CONTROL, "public, max-age=3600")];
    (headers, text).into_response()
}
