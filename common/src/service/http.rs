//! Serving HTTP: what every request passes through before it reaches its route.

use std::any::Any;
use std::net::SocketAddr;
use std::panic::AssertUnwindSafe;
use std::pin::pin;
use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::extract::{ConnectInfo, Request, State};
use axum::http::HeaderValue;
use axum::http::header::{STRICT_TRANSPORT_SECURITY, X_CONTENT_TYPE_OPTIONS};
use axum::middleware::{Next, from_fn_with_state};
use axum::response::{IntoResponse, Response};
use futures::FutureExt;
use tokio::net::TcpListener;
use tokio::time::{interval, timeout};
use tokio_util::sync::CancellationToken;
use tower::Layer;
use tower_http::normalize_path::NormalizePathLayer;

use super::bodies::{self, Arrival};
use super::connections::{self, Limits};
use super::guard::Guard;
use super::linger;
use super::room::Room;
use crate::caller::{Caller, Callers};
use crate::error::ApiError;
use crate::fresh::Known;
use crate::telemetry;

/// How long a request may take before it is answered with 503.
pub const REQUEST_LIMIT: Duration = Duration::from_secs(15);

/// How often the recorded metrics are compacted.
const METRICS_UPKEEP: Duration = Duration::from_secs(5);

/// What browsers are told by an answer over https: to come over nothing else for a year.
const HTTPS_ONLY: HeaderValue = HeaderValue::from_static("max-age=31536000");

/// What the passage of a request knows.
pub struct Passage {
    /// Tells who the callers are.
    pub callers: Callers,
    /// Admits requests to an API; pages say themselves what they refuse.
    pub guard: Option<Guard>,
    /// The memory of large bodies.
    pub room: Room,
    /// How long a body may make no progress.
    pub slow: Duration,
}

/// Serves the routes until `stop`, and then the requests that have begun.
pub async fn serve(socket: TcpListener, routes: Router, passage: Passage, limits: Limits, stop: CancellationToken) {
    // One layer and not one for each step: every further one costs each request a box, and a copy of all that is within.
    let routes = routes.layer(from_fn_with_state(Arc::new(passage), pass));
    // As in Express, a path with a slash at its end is the same path.
    connections::serve(socket, NormalizePathLayer::trim_trailing_slash().layer(routes), limits, stop).await;
}

/// All that a request passes on its way to a route, and its answer on the way back.
async fn pass(State(passage): State<Arc<Passage>>, mut request: Request, next: Next) -> Response {
    // Removed, because with a fourth extension their map would grow.
    let peer = request.extensions_mut().remove::<ConnectInfo<SocketAddr>>();
    let caller = peer.map(|peer| passage.callers.identify(peer.0.ip(), request.headers())).unwrap_or_default();
    request.extensions_mut().insert(caller);
    let request = linger::keep_reading(bodies::watch(request, passage.slow));
    let known = Known::of(&request);
    let answer = async |request| {
        // Pinned, as in `observe`.
        let answer = pin!(within_limits(&passage, caller, request, next));
        known.unchanged(AssertUnwindSafe(answer).catch_unwind().await.unwrap_or_else(panicked))
    };
    let mut response = telemetry::http::observe(request, answer).await;
    let headers = response.headers_mut();
    headers.entry(X_CONTENT_TYPE_OPTIONS).or_insert(HeaderValue::from_static("nosniff"));
    if caller.is_https {
        headers.entry(STRICT_TRANSPORT_SECURITY).or_insert(HTTPS_ONLY);
    }
    response
}

/// Limits how long a request may take, and how much its body.
async fn within_limits(passage: &Passage, caller: Caller, request: Request, next: Next) -> Response {
    let arrival = request.extensions().get::<Arrival>().cloned();
    // Its place is kept until there is an answer.
    let (request, place) = passage.room.admit(request);
    let answer = pin!(async {
        match &passage.guard {
            Some(guard) => guard.pass(caller, request, next).await,
            None => next.run(request).await,
        }
    });
    let is = |state: fn(&Arrival) -> bool| arrival.as_ref().is_some_and(state);
    match timeout(REQUEST_LIMIT, answer).await {
        Ok(_) if is(Arrival::is_stalled) => ApiError::TooSlow.into_response(),
        Ok(_) if place.is_refused() => {
            ApiError::Unavailable("large bodies take all their room".to_owned()).into_response()
        }
        Ok(response) => response,
        Err(_) if is(Arrival::is_awaited) => ApiError::TooSlow.into_response(),
        Err(_) => ApiError::Unavailable(format!("not answered within {REQUEST_LIMIT:?}")).into_response(),
    }
}

/// Serves health and metrics until the very end.
pub async fn serve_admin(socket: TcpListener, routes: Router, stop: CancellationToken) {
    let upkeep = async {
        let mut tick = interval(METRICS_UPKEEP);
        loop {
            tick.tick().await;
            telemetry::metrics().run_upkeep();
        }
    };
    tokio::select! {
        result = async { axum::serve(socket, routes).await } => {
            if let Err(error) = result {
                tracing::error!(%error, "the admin port failed");
            }
        }
        () = upkeep => {}
        () = stop.cancelled() => {}
    }
}

fn panicked(panic: Box<dyn Any + Send>) -> Response {
    let cause = (panic.downcast_ref::<&str>().map(|text| (*text).to_owned()))
        .or_else(|| panic.downcast_ref::<String>().cloned())
        .unwrap_or_default();
    ApiError::internal(format_args!("a handler panicked: {cause}")).into_response()
}
