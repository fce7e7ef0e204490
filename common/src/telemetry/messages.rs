//! Messages that go out and come in: their spans and durations.
//!
//! A message that is published belongs to the trace of what caused it. Handling it begins a trace of its own, which links to the
//! publishing, and is sampled when that was: it may come much later and be repeated, and of a sale either all is seen or nothing.

use std::time::Instant;

use async_nats::HeaderMap;
use metrics::{Label, counter, histogram};
use opentelemetry::trace::{
    Link, SamplingDecision, SamplingResult, SpanBuilder, SpanContext, SpanKind, Status, TraceContextExt, TraceId,
    TraceState,
};
use opentelemetry::{Context, KeyValue};

use super::traces::{parent, to_traceparent, tracer};
use crate::id::Id;

const SYSTEM: &str = "nats";

/// A message that is being published.
pub struct Publishing<'a> {
    context: Context,
    subject: &'a str,
    began: Instant,
}

impl<'a> Publishing<'a> {
    /// Begins to publish a message that belongs to this trace; to a new one when there is none.
    pub fn begin(subject: &'a str, message_id: &str, cause: &Context) -> Self {
        let builder = SpanBuilder::from_name(format!("publish {subject}")).with_kind(SpanKind::Producer);
        let span = builder.start_with_context(tracer(), cause);
        let context = Context::new().with_span(span);
        if context.span().is_recording() {
            context.span().set_attributes(attributes("publish", "send", subject, message_id));
        }
        Self { context, subject, began: Instant::now() }
    }

    /// The message's `traceparent`.
    pub fn traceparent(&self) -> String {
        to_traceparent(self.context.span().span_context())
    }

    /// The stream has it, or not.
    pub fn end(self, is_acked: bool) {
        let error = if is_acked { "" } else { "not_acked" };
        end(&self.context, error);
        let labels = labels("publish", self.subject, error);
        counter!("messaging_client_sent_messages_total", labels.iter()).increment(1);
        histogram!("messaging_client_operation_duration_seconds", labels.iter()).record(self.began.elapsed());
    }
}

/// A message that is being handled.
pub struct Processing<'a> {
    context: Context,
    producer: SpanContext,
    subject: &'a str,
    began: Instant,
}

impl<'a> Processing<'a> {
    /// Begins to handle a message as this consumer. `about` reads the aggregate's id, by which all that happened to it is found.
    pub fn begin(
        subject: &'a str,
        headers: Option<&HeaderMap>,
        consumer: &'static str,
        about: impl FnOnce() -> Option<Id>,
    ) -> Self {
        let header = |name: &str| headers.and_then(|headers| headers.get(name)).map_or("", |value| value.as_str());
        let producer = parent(header("traceparent")).span().span_context().clone();
        let mut builder = SpanBuilder::from_name(format!("process {subject}")).with_kind(SpanKind::Consumer);
        if producer.is_valid() {
            let decision =
                if producer.is_sampled() { SamplingDecision::RecordAndSample } else { SamplingDecision::Drop };
            let trace_state = TraceState::default();
            builder.sampling_result = Some(SamplingResult { decision, attributes: Vec::new(), trace_state });
            builder = builder.with_links(vec![Link::with_context(producer.clone())]);
        }
        let context = Context::new().with_span(builder.start_with_context(tracer(), &Context::new()));
        let span = context.span();
        if span.is_recording() {
            span.set_attributes(attributes("process", "process", subject, header("Nats-Msg-Id")));
            span.set_attribute(KeyValue::new("messaging.consumer.group.name", consumer));
            span.set_attributes(about().map(|id| KeyValue::new("messaging.message.conversation_id", id.to_string())));
        }
        Self { context, producer, subject, began: Instant::now() }
    }

    /// The trace that the message was published in, for logs.
    pub fn cause(&self) -> TraceId {
        self.producer.trace_id()
    }

    /// What the work is done in.
    pub fn context(&self) -> Context {
        self.context.clone()
    }

    /// It is done with; `error` says in a few fixed words why it was not handled, and is empty when it was.
    pub fn end(self, error: &'static str) {
        end(&self.context, error);
        let labels = labels("process", self.subject, error);
        histogram!("messaging_process_duration_seconds", labels.iter()).record(self.began.elapsed());
    }
}

fn attributes(name: &'static str, kind: &'static str, subject: &str, message_id: &str) -> [KeyValue; 5] {
    [
        KeyValue::new("messaging.system", SYSTEM),
        KeyValue::new("messaging.operation.name", name),
        KeyValue::new("messaging.operation.type", kind),
        KeyValue::new("messaging.destination.name", subject.to_owned()),
        KeyValue::new("messaging.message.id", message_id.to_owned()),
    ]
}

fn labels(name: &'static str, subject: &str, error: &'static str) -> [Label; 4] {
    [
        Label::from_static_parts("messaging_system", SYSTEM),
        Label::from_static_parts("messaging_operation_name", name),
        Label::new("messaging_destination_name", subject.to_owned()),
        Label::from_static_parts("error_type", error),
    ]
}

fn end(context: &Context, error: &'static str) {
    let span = context.span();
    if !error.is_empty() {
        span.set_attribute(KeyValue::new("error.type", error));
        span.set_status(Status::error(error));
    }
    span.end();
}
