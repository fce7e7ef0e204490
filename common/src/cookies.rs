//! The cookies of a request.

use axum::http::HeaderMap;
use axum::http::header::COOKIE;

/// The name and the value of each, in the order of the request. A name may come more than once.
pub fn cookies(headers: &HeaderMap) -> impl Iterator<Item = (&str, &str)> {
    let lines = headers.get_all(COOKIE).iter().filter_map(|line| line.to_str().ok());
    lines.flat_map(|line| line.split(';')).filter_map(|cookie| cookie.trim().split_once('='))
}
