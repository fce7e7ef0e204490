//! Serving HTTP: what every request passes through before it reaches its route.

use std::any::Any;
use std::time::Duration;

use axum::Router;
use axum::extract::Request;
use axum::middleware::{Next, from_fn, map_request};
use axum::response::{IntoResponse, Response};
use tokio::net::TcpListener;
use tokio::time::{interval, timeout};
use tokio_util::sync::CancellationToken;
use tower::Layer;
use tower_http::catch_panic::CatchPanicLayer;
use tower_http::normalize_path::NormalizePathLayer;

use super::connections::{self, Limits};
use super::linger;
use crate::error::ApiError;
use crate::telemetry;

/// How long a request may take before it is answered with 503.
pub const REQUEST_LIMIT: Duration = Duration::from_secs(15);

/// How often the recorded metrics are compacted.
const METRICS_UPKEEP: Duration = Duration::from_secs(5);

/// Serves the routes until `stop`, and then the requests that have begun.
pub async fn serve(socket: TcpListener, routes: Router, limits: Limits, stop: CancellationToken) {
    let routes = routes
        .layer(from_fn(limit_time))
        .layer(CatchPanicLayer::custom(panicked))
        .layer(from_fn(telemetry::observe))
        .layer(map_request(async |request: Request| linger::keep_reading(request)));
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

async fn limit_time(request: Request, next: Next) -> Response {
    match timeout(REQUEST_LIMIT, next.run(request)).await {
        Ok(response) => response,
        Err(_) => ApiError::Unavailable(format!("not answered within {REQUEST_LIMIT:?}")).into_response(),
    }
}

fn panicked(panic: Box<dyn Any + Send>) -> Response {
    let cause = (panic.downcast_ref::<&str>().map(|text| (*text).to_owned()))
        .or_else(|| panic.downcast_ref::<String>().cloned())
        .unwrap_or_default();
    ApiError::internal(format_args!("a handler panicked: {cause}")).into_response()
}
