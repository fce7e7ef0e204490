//! The cookies of a request.

use std::str::from_utf8;

use axum::http::HeaderMap;
use axum::http::header::COOKIE;

/// The name and the value of each, in the order of the request. A name may come more than once.
pub fn cookies(headers: &HeaderMap) -> impl Iterator<Item = (&str, &str)> {
    let cookies = headers.get_all(COOKIE).iter().flat_map(|line| line.as_bytes().split(|byte| *byte == b';'));
    // Only ASCII white space: a browser lets any host set `__Host-session` with another space before it.
    cookies.filter_map(|cookie| from_utf8(cookie.trim_ascii()).ok()?.split_once('='))
}
