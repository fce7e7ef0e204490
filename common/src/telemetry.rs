//! Logs, metrics and traces, under the names of OpenTelemetry's semantic conventions.
//!
//! Spans are made by OpenTelemetry's own interface and not by the macros of `tracing`, which log: a bridge between the two makes a request
//! that is not sampled some microseconds dearer, and would tie traces to `LOG_LEVEL`.

mod collector;
pub mod http;
mod logs;
pub mod messages;
mod metrics;
mod traces;

pub(crate) use logs::About;
pub use logs::start_logging;
pub use metrics::metrics;
pub use traces::{end_traces, flush_traces, parent, start_traces, traceparent};

pub(crate) use traces::of_the_driver;
