//! The metrics of this process, as Prometheus reads them.
//!
//! A name of the conventions is written as Prometheus wants it: `http.server.request.duration` in seconds is
//! `http_server_request_duration_seconds`. A label that does not apply is empty, which to Prometheus is the same as none.

use std::sync::OnceLock;

use metrics_exporter_prometheus::{Matcher, PrometheusBuilder, PrometheusHandle};

/// Bounds of the conventions' durations, in seconds, as they advise.
const DURATIONS: [f64; 14] = [0.005, 0.01, 0.025, 0.05, 0.075, 0.1, 0.25, 0.5, 0.75, 1.0, 2.5, 5.0, 7.5, 10.0];

/// Bounds of our own histograms, in seconds.
const BUCKETS: [f64; 10] = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 1.0, 5.0];

/// The metrics of this process. The first call begins to record.
pub fn metrics() -> &'static PrometheusHandle {
    static HANDLE: OnceLock<PrometheusHandle> = OnceLock::new();
    HANDLE.get_or_init(|| {
        let builder = PrometheusBuilder::new().set_buckets(&BUCKETS).and_then(|builder| {
            builder.set_buckets_for_metric(Matcher::Suffix("_duration_seconds".to_owned()), &DURATIONS)
        });
        let recorder = builder.unwrap_or_default().build_recorder();
        let handle = recorder.handle();
        if ::metrics::set_global_recorder(recorder).is_err() {
            tracing::warn!("another metrics recorder is installed");
        }
        handle
    })
}
