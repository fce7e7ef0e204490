//! Traces: which spans are recorded, where they go, and how a trace goes on in another process (W3C Trace Context).
//!
//! There is always a tracer, because requests, events and log lines carry ids also where nothing is exported; then nothing is recorded.

use std::sync::OnceLock;
use std::time::Duration;

use mongodb::otel::OpentelemetryOptions;
use opentelemetry::propagation::{Extractor, TextMapPropagator};
use opentelemetry::trace::{
    Link, SamplingDecision, SamplingResult, SpanBuilder, SpanContext, SpanKind, TraceContextExt, TraceFlags, TraceId,
    TraceState, TracerProvider,
};
use opentelemetry::{Context, KeyValue};
use opentelemetry_otlp::{SpanExporter, WithExportConfig, WithHttpConfig};
use opentelemetry_sdk::Resource;
use opentelemetry_sdk::propagation::TraceContextPropagator;
use opentelemetry_sdk::trace::{IdGenerator, RandomIdGenerator, Sampler, SdkTracer, SdkTracerProvider, ShouldSample};

use super::collector::Collector;
use crate::config::TracesConfig;
use crate::error::StartError;
use crate::id::Id;

/// How long the last spans may take when the process ends.
const LAST_SPANS: Duration = Duration::from_secs(2);

static TRACES: OnceLock<Traces> = OnceLock::new();

struct Traces {
    provider: SdkTracerProvider,
    tracer: SdkTracer,
    is_exported: bool,
}

impl Traces {
    fn new(provider: SdkTracerProvider, is_exported: bool) -> Self {
        Self { tracer: provider.tracer("ticketing"), provider, is_exported }
    }

    /// Nothing is exported. Who was asked to record by a caller passes that on.
    fn off() -> Self {
        Self::new(
            SdkTracerProvider::builder().with_sampler(Sampler::ParentBased(Box::new(Sampler::AlwaysOff))).build(),
            false,
        )
    }

    fn to(endpoint: &str, service: &str, config: &TracesConfig) -> Result<Self, StartError> {
        let unusable =
            |error: &dyn ToString| StartError::configuration("OTEL_EXPORTER_OTLP_ENDPOINT", error.to_string());
        let collector = Collector::new(endpoint.starts_with("https:")).map_err(|error| unusable(&error))?;
        let exporter = SpanExporter::builder().with_http().with_http_client(collector).with_endpoint(endpoint);
        let resource = Resource::builder()
            .with_attribute(KeyValue::new("service.instance.id", Id::generate().to_string()))
            .with_attributes(config.attributes())
            .with_service_name(config.service_name().unwrap_or(service).to_owned());
        let provider = SdkTracerProvider::builder()
            .with_sampler(Beginnings(config.sampler()))
            .with_resource(resource.build())
            .with_batch_exporter(exporter.build().map_err(|error| unusable(&error))?);
        Ok(Self::new(provider.build(), true))
    }
}

fn traces() -> &'static Traces {
    TRACES.get_or_init(Traces::off)
}

/// Begins to export the spans of this service, if the settings name a collector. A second call in the same process changes nothing.
///
/// # Errors
/// When the collector's address cannot be used.
pub fn start_traces(service: &str, config: &TracesConfig) -> Result<(), StartError> {
    if let Some(endpoint) = config.endpoint() {
        let _ = TRACES.set(Traces::to(&endpoint, service, config)?);
    }
    Ok(())
}

/// Exports the last spans and ends, within two seconds. Blocks the thread.
pub fn end_traces() {
    if let Err(error) = traces().provider.shutdown_with_timeout(LAST_SPANS) {
        tracing::debug!(%error, "the last spans were not exported");
    }
}

/// Exports what has ended so far. Blocks the thread.
pub fn flush_traces() {
    if let Err(error) = traces().provider.force_flush() {
        tracing::debug!(%error, "spans were not exported");
    }
}

/// What makes the spans of this process.
pub(super) fn tracer() -> &'static SdkTracer {
    &traces().tracer
}

/// Begins a span in the context of its parent. Where nothing is recorded it has its ids and nothing else.
pub(super) fn begin(span: SpanBuilder, parent: &Context) -> Context {
    let traces = traces();
    let caller = parent.span().span_context().clone();
    if traces.is_exported || caller.is_sampled() {
        return Context::new().with_span(span.start_with_context(&traces.tracer, parent));
    }
    let ids = RandomIdGenerator::default();
    let trace = if caller.is_valid() { caller.trace_id() } else { ids.new_trace_id() };
    let state = caller.trace_state().clone();
    let context = SpanContext::new(trace, ids.new_span_id(), TraceFlags::NOT_SAMPLED, false, state);
    Context::new().with_remote_span_context(context)
}

/// The driver of MongoDB makes its own spans, where they are exported.
pub(crate) fn of_the_driver() -> OpentelemetryOptions {
    let traces = traces();
    OpentelemetryOptions::builder().enabled(traces.is_exported).tracer_provider(traces.provider.clone()).build()
}

/// What begins a trace: a request or a message that comes in, a message that goes out. A call that is part of none of these, as a sweep's or
/// a probe's, is no trace of its own.
#[derive(Clone, Debug)]
struct Beginnings(Sampler);

impl ShouldSample for Beginnings {
    fn should_sample(
        &self,
        parent: Option<&Context>,
        trace_id: TraceId,
        name: &str,
        kind: &SpanKind,
        attributes: &[KeyValue],
        links: &[Link],
    ) -> SamplingResult {
        if *kind == SpanKind::Client && parent.is_none_or(|parent| !parent.has_active_span()) {
            let decision = SamplingDecision::Drop;
            return SamplingResult { decision, attributes: Vec::new(), trace_state: TraceState::default() };
        }
        self.0.should_sample(parent, trace_id, name, kind, attributes, links)
    }
}

/// The current span as the value of a `traceparent` header; empty when there is none.
pub fn traceparent() -> String {
    Context::map_current(|current| to_traceparent(current.span().span_context()))
}

pub(super) fn to_traceparent(span: &SpanContext) -> String {
    if !span.is_valid() {
        return String::new();
    }
    format!("00-{}-{}-{:02x}", span.trace_id(), span.span_id(), span.trace_flags())
}

/// The span of another process that this `traceparent` names, to go on from; none when it is malformed.
pub fn parent(traceparent: &str) -> Context {
    extracted(&Traceparent(traceparent))
}

/// The span that a carrier of headers names.
pub(super) fn extracted(headers: &dyn Extractor) -> Context {
    TraceContextPropagator::new().extract_with_context(&Context::new(), headers)
}

struct Traceparent<'a>(&'a str);

impl Extractor for Traceparent<'_> {
    fn get(&self, key: &str) -> Option<&str> {
        (key == "traceparent").then_some(self.0)
    }

    fn keys(&self) -> Vec<&str> {
        vec!["traceparent"]
    }
}
