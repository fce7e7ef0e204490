//! The cookies of a request.

use std::str::from_utf8;

use axum::http::HeaderMap;
use axum::http::header::COOKIE;

/// The name and the value of each, in the order of the request. A name may come more than once.
pub fn cookies(headers: &HeaderMap) -> impl Iterator<Item = (&str, &str)> {
    let lines = headers.get_all(COOKIE).iter().filter_map(|line| from_utf8(line.as_bytes()).ok());
    lines.flat_map(|line| line.split(';')).filter_map(|cookie| cookie.trim().split_once('='))
}
