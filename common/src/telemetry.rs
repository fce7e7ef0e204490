//! Logs, metrics, and the trace context of requests and events.

mod trace;

use std::sync::OnceLock;
use std::time::Instant;

use axum::extract::{MatchedPath, Request};
use axum::http::Method;
use axum::middleware::Next;
use axum::response::Response;
use metrics::{counter, histogram};
use metrics_exporter_prometheus::{PrometheusBuilder, PrometheusHandle};
use tracing::Instrument;
use tracing_subscriber::EnvFilter;

pub use trace::TraceParent;

use crate::config::{LogFormat, ProcessConfig};
use crate::error::StartError;

/// Bounds of the latency histograms, in seconds.
const BUCKETS: [f64; 10] = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 1.0, 5.0];

/// Starts logging. A second call in the same process changes nothing.
pub fn start_logging(config: &ProcessConfig) -> Result<(), StartError> {
    let filter =
        EnvFilter::builder().parse(&config.log_level).map_err(|error| StartError::configuration("LOG_LEVEL", error))?;
    let lines = tracing_subscriber::fmt().with_env_filter(filter).with_writer(std::io::stderr);
    let started = match config.log_format {
        LogFormat::Text => lines.with_ansi(false).try_init(),
        LogFormat::Json => lines.json().try_init(),
    };
    if started.is_err() {
        tracing::debug!("logging had already been started");
    }
    Ok(())
}

/// The metrics of this process. The first call begins to record.
pub fn metrics() -> &'static PrometheusHandle {
    static HANDLE: OnceLock<PrometheusHandle> = OnceLock::new();
    HANDLE.get_or_init(|| {
        let builder = PrometheusBuilder::new();
        let recorder = builder.set_buckets(&BUCKETS).unwrap_or_default().build_recorder();
        let handle = recorder.handle();
        if metrics::set_global_recorder(recorder).is_err() {
            tracing::warn!("another metrics recorder is installed");
        }
        handle
    })
}

/// The method as a label. A caller can invent any number of methods; a label must have few values.
fn label_of(method: &Method) -> &'static str {
    const KNOWN: [&str; 7] = ["GET", "HEAD", "POST", "PUT", "DELETE", "OPTIONS", "PATCH"];
    KNOWN.into_iter().find(|known| *known == method.as_str()).unwrap_or("other")
}

/// Counts and times a request, and runs it under the trace it came with or a new one.
pub async fn observe(request: Request, next: Next) -> Response {
    let started = Instant::now();
    let method = label_of(request.method());
    let route = request.extensions().get::<MatchedPath>().map_or("none", MatchedPath::as_str).to_owned();
    let trace = TraceParent::of_request(request.headers());
    let span = tracing::info_span!("request", %method, %route, trace_id = trace.trace_id());
    let response = trace.scope(next.run(request).instrument(span.clone())).await;
    let status = response.status().as_u16();
    span.in_scope(|| tracing::debug!(status, "answered"));
    let labels = [("method", method.to_owned()), ("route", route), ("status", status.to_string())];
    counter!("http_requests_total", &labels).increment(1);
    histogram!("http_request_seconds", &labels).record(started.elapsed());
    response
}
