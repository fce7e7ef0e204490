//! Serving HTTP: what every request passes through before it reaches its route.

use std::any::Any;
use std::net::SocketAddr;
use std::time::Duration;

use axum::Router;
use axum::extract::{ConnectInfo, Request, State};
use axum::http::HeaderValue;
use axum::http::header::{STRICT_TRANSPORT_SECURITY, X_CONTENT_TYPE_OPTIONS};
use axum::middleware::{Next, from_fn, from_fn_with_state, map_request};
use axum::response::{IntoResponse, Response};
use tokio::net::TcpListener;
use tokio::time::{interval, timeout};
use tokio_util::sync::CancellationToken;
use tower::Layer;
use tower_http::catch_panic::CatchPanicLayer;
use tower_http::normalize_path::NormalizePathLayer;

use super::bodies::{self, Arrival};
use super::connections::{self, Limits};
use super::linger;
use super::room::Room;
use crate::caller::Callers;
use crate::error::ApiError;
use crate::telemetry;

/// How long a request may take before it is answered with 503.
pub const REQUEST_LIMIT: Duration = Duration::from_secs(15);

/// How often the recorded metrics are compacted.
const METRICS_UPKEEP: Duration = Duration::from_secs(5);

/// What browsers are told by an answer over https: to come over nothing else for a year.
const HTTPS_ONLY: HeaderValue = HeaderValue::from_static("max-age=31536000");

/// Serves the routes until `stop`, and then the requests that have begun.
pub async fn serve(socket: TcpListener, routes: Router, callers: Callers, limits: Limits, stop: CancellationToken) {
    let slow = limits.slow;
    let routes = routes
        .layer(from_fn_with_state(Room::new(limits.room), limit))
        .layer(CatchPanicLayer::custom(panicked))
        .layer(from_fn(telemetry::http::observe))
        .layer(map_request(move |request| async move { linger::keep_reading(bodies::watch(request, slow)) }))
        .layer(from_fn_with_state(callers, identify));
    // As in Express, a path with a slash at its end is the same path.
    connections::serve(socket, NormalizePathLayer::trim_trailing_slash().layer(routes), limits, stop).await;
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

/// Says who the caller is, and tells the browser what is true of every answer.
async fn identify(State(callers): State<Callers>, mut request: Request, next: Next) -> Response {
    let peer = request.extensions().get::<ConnectInfo<SocketAddr>>();
    let caller = peer.map(|peer| callers.identify(peer.0.ip(), request.headers())).unwrap_or_default();
    request.extensions_mut().insert(caller);
    let mut response = next.run(request).await;
    let headers = response.headers_mut();
    headers.entry(X_CONTENT_TYPE_OPTIONS).or_insert(HeaderValue::from_static("nosniff"));
    if caller.is_https {
        headers.entry(STRICT_TRANSPORT_SECURITY).or_insert(HTTPS_ONLY);
    }
    response
}

/// Limits how long a request may take, and how much its body.
async fn limit(State(room): State<Room>, request: Request, next: Next) -> Response {
    let arrival = request.extensions().get::<Arrival>().cloned().unwrap_or_default();
    // Its place is kept until there is an answer.
    let (request, place) = room.admit(request);
    match timeout(REQUEST_LIMIT, next.run(request)).await {
        Ok(_) if arrival.is_stalled() => ApiError::TooSlow.into_response(),
        Ok(_) if place.is_refused() => {
            ApiError::Unavailable("large bodies take all their room".to_owned()).into_response()
        }
        Ok(response) => response,
        Err(_) if arrival.is_awaited() => ApiError::TooSlow.into_response(),
        Err(_) => ApiError::Unavailable(format!("not answered within {REQUEST_LIMIT:?}")).into_response(),
    }
}

fn panicked(panic: Box<dyn Any + Send>) -> Response {
    let cause = (panic.downcast_ref::<&str>().map(|text| (*text).to_owned()))
        .or_else(|| panic.downcast_ref::<String>().cloned())
        .unwrap_or_default();
    ApiError::internal(format_args!("a handler panicked: {cause}")).into_response()
}
