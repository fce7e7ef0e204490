//! What every request to an API passes through on its way to a route, and every answer on its way back.

use axum::extract::Request;
use axum::http::header::{CACHE_CONTROL, COOKIE};
use axum::http::{HeaderMap, HeaderValue, Method};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};

use crate::auth::Sessions;
use crate::caller::Caller;
use crate::cross_site::{is_from_another_site, only_reads};
use crate::error::ApiError;
use crate::limits::Writes;
use crate::security::{self, Incident};

/// How much of a path the security log has: more than any of ours, in characters.
const LONGEST_PATH: usize = 100;

/// What the guard knows.
pub struct Guard {
    /// How much each account and each address may write.
    pub writes: Writes,
    /// Whose a session is, in a service that takes sessions.
    pub sessions: Option<Sessions>,
}

impl Guard {
    /// Lets a request that changes something through if it comes from no other site and not too often. What is answered to somebody with
    /// a cookie, or is anything but a success of a public read, is kept by no cache. Refusals go to the security log.
    pub async fn pass(&self, caller: Caller, mut request: Request, next: Next) -> Response {
        let reads = only_reads(request.method());
        let (method, uri) = (request.method().clone(), request.uri().clone());
        let cookies = request.headers().get(COOKIE).cloned();
        let is_public = reads && !request.headers().contains_key(COOKIE);
        let mut response = match admit(request.method(), request.headers(), caller, &self.writes) {
            Err(refusal) => refusal.into_response(),
            Ok(()) => {
                if !reads {
                    request.extensions_mut().insert(self.writes.clone());
                }
                next.run(request).await
            }
        };
        if !is_public || !response.status().is_success() {
            response.headers_mut().entry(CACHE_CONTROL).or_insert(HeaderValue::from_static("no-store"));
        }
        if let (Some(sessions), Some(incident)) = (&self.sessions, Incident::of(response.status(), cookies.is_some())) {
            let headers: HeaderMap = cookies.into_iter().map(|cookies| (COOKIE, cookies)).collect();
            let account = sessions.current(&headers).map(|session| session.id);
            let path: String = uri.path().chars().take(LONGEST_PATH).collect();
            security::note(sessions, incident, account, caller, &format!("{method} {path}"));
        }
        response
    }
}

fn admit(method: &Method, headers: &HeaderMap, caller: Caller, writes: &Writes) -> Result<(), ApiError> {
    if is_from_another_site(method, headers, caller) {
        return Err(ApiError::CrossSite);
    }
    if only_reads(method) { Ok(()) } else { writes.count_address(caller.network()) }
}
