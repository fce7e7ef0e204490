//! The documentation of the API: `contracts/openapi.json`, shown by Swagger UI. Both are built into the program.

use std::sync::Arc;

use axum::extract::Path;
use axum::http::header::{CACHE_CONTROL, CONTENT_ENCODING, CONTENT_SECURITY_POLICY, CONTENT_TYPE, ETAG};
use axum::http::{HeaderName, HeaderValue};
use axum::response::{Html, IntoResponse, Response};
use common::error::ApiError;
use common::fresh::etag;
use utoipa_swagger_ui::Config;

const CONTRACT: &str = include_str!("../../contracts/openapi.json");
const PAGE: &str = include_str!("../assets/docs.html");

/// Swagger UI draws its icons itself, from addresses that begin with `data:`.
const POLICY: &str = "default-src 'none'; style-src 'self'; script-src 'self'; img-src 'self' data:; connect-src 'self'; \
    base-uri 'none'; frame-ancestors 'none'";

/// The files of Swagger UI that the page names.
const FILES: [&str; 2] = ["swagger-ui.css", "swagger-ui-bundle.js"];

/// `GET /docs`
pub async fn page() -> Response {
    ([(CONTENT_SECURITY_POLICY, POLICY)], kept(PAGE.as_bytes()), Html(PAGE)).into_response()
}

/// `GET /docs/openapi.json`: every call of the API, for people and for programs.
pub async fn openapi() -> Response {
    (kept(CONTRACT.as_bytes()), [(CONTENT_TYPE, "application/json")], CONTRACT).into_response()
}

/// `GET /docs/{file}`: a part of Swagger UI.
pub async fn file(Path(name): Path<String>) -> Result<Response, ApiError> {
    let name = FILES.into_iter().find(|known| *known == name).ok_or(ApiError::NotFound)?;
    let file = utoipa_swagger_ui::serve(name, Arc::new(Config::default())).map_err(ApiError::internal)?;
    let file = file.ok_or(ApiError::NotFound)?;
    // The program holds it compressed, and there is no browser that cannot read that.
    let encoding = file.gzpipped.then_some([(CONTENT_ENCODING, "gzip")]);
    Ok((kept(&file.bytes), [(CONTENT_TYPE, file.content_type)], encoding, file.bytes.into_owned()).into_response())
}

/// A browser may keep it, and asks whether there is another.
fn kept(content: &[u8]) -> [(HeaderName, HeaderValue); 2] {
    let tag = HeaderValue::try_from(etag(content)).unwrap_or(HeaderValue::from_static("W/\"\""));
    [(ETAG, tag), (CACHE_CONTROL, HeaderValue::from_static("no-cache"))]
}
