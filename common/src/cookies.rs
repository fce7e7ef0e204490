//! The cookies of a request.

use std::mem::replace;
use std::str::from_utf8;

use axum::http::HeaderMap;
use axum::http::header::COOKIE;
use memchr::memchr_iter;

/// The name and the value of each, in the order of the request. A name may come more than once.
pub fn cookies(headers: &HeaderMap) -> impl Iterator<Item = (&str, &str)> {
    let cookies = headers.get_all(COOKIE).iter().flat_map(|line| parts(line.as_bytes()));
    // Only ASCII white space: a browser lets any host set `__Host-session` with another space before it.
    cookies.filter_map(|cookie| from_utf8(cookie.trim_ascii()).ok()?.split_once('='))
}

/// The parts of a line between its semicolons.
fn parts(line: &[u8]) -> impl Iterator<Item = &[u8]> {
    let ends = memchr_iter(b';', line).chain([line.len()]);
    ends.scan(0, |start, end| line.get(replace(start, end + 1)..end))
}
