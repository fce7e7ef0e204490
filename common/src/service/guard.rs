//! What every request to an API passes through on its way to a route, and every answer on its way back.

use axum::extract::{Request, State};
use axum::http::header::{CACHE_CONTROL, COOKIE};
use axum::http::{HeaderMap, HeaderValue, Method};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};

use crate::caller::Caller;
use crate::cross_site::{is_from_another_site, only_reads};
use crate::error::ApiError;
use crate::limits::Writes;

/// Lets a request that changes something through if it comes from no other site and not too often. What is answered to somebody with a
/// cookie, or is anything but a success of a public read, is kept by no cache.
pub async fn guard(State(writes): State<Writes>, caller: Caller, mut request: Request, next: Next) -> Response {
    let reads = only_reads(request.method());
    let is_public = reads && !request.headers().contains_key(COOKIE);
    let mut response = match admit(request.method(), request.headers(), caller, &writes) {
        Err(refusal) => refusal.into_response(),
        Ok(()) => {
            if !reads {
                request.extensions_mut().insert(writes);
            }
            next.run(request).await
        }
    };
    if !is_public || !response.status().is_success() {
        response.headers_mut().entry(CACHE_CONTROL).or_insert(HeaderValue::from_static("no-store"));
    }
    response
}

fn admit(method: &Method, headers: &HeaderMap, caller: Caller, writes: &Writes) -> Result<(), ApiError> {
    if is_from_another_site(method, headers, caller) {
        return Err(ApiError::CrossSite);
    }
    if only_reads(method) { Ok(()) } else { writes.count_address(caller.network()) }
}
