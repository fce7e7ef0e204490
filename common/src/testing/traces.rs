//! A collector of traces, as services see one, that keeps what it gets.

use std::collections::BTreeMap;
use std::net::TcpListener;
use std::sync::{Arc, Mutex, PoisonError};
use std::thread;

use axum::Router;
use axum::body::Bytes;
use axum::extract::{DefaultBodyLimit, State};
use axum::routing::post;
use opentelemetry_proto::tonic::collector::trace::v1::ExportTraceServiceRequest;
use opentelemetry_proto::tonic::common::v1::any_value::Value;
use opentelemetry_proto::tonic::common::v1::{AnyValue, KeyValue};
use opentelemetry_proto::tonic::trace::v1::Span;
use opentelemetry_proto::tonic::trace::v1::span::SpanKind;
use prost::Message;

/// A span as it was exported. Ids are hexadecimal, as in logs and headers.
#[derive(Clone, Debug)]
pub struct Recorded {
    /// The service that exported it.
    pub service: String,
    /// Its name.
    pub name: String,
    /// Its kind.
    pub kind: SpanKind,
    /// Its trace.
    pub trace_id: String,
    /// Its own id.
    pub span_id: String,
    /// The span that it is part of; empty for the first of a trace.
    pub parent_span_id: String,
    /// The spans that it links to, each as trace and span.
    pub links: Vec<(String, String)>,
    /// Its attributes, numbers as text.
    pub attributes: BTreeMap<String, String>,
    /// Whether it failed.
    pub is_error: bool,
}

impl Recorded {
    /// An attribute; empty when it has none of this name.
    pub fn attribute(&self, name: &str) -> &str {
        self.attributes.get(name).map_or("", String::as_str)
    }

    fn new(service: &str, span: Span) -> Self {
        Self {
            service: service.to_owned(),
            kind: span.kind(),
            is_error: span.status.is_some_and(|status| status.code == 2),
            trace_id: hex(&span.trace_id),
            span_id: hex(&span.span_id),
            parent_span_id: hex(&span.parent_span_id),
            links: span.links.iter().map(|link| (hex(&link.trace_id), hex(&link.span_id))).collect(),
            attributes: attributes(span.attributes),
            name: span.name,
        }
    }
}

type Spans = Arc<Mutex<Vec<Recorded>>>;

/// A running collector. It has a thread of its own, so that it outlives the test that started it.
pub struct TraceCollector {
    /// `http://127.0.0.1:port`
    pub url: String,
    spans: Spans,
}

impl TraceCollector {
    /// Starts one on a free port.
    pub fn start() -> Self {
        Self::start_on(0)
    }

    /// Starts one on this port.
    pub fn start_on(port: u16) -> Self {
        let socket = TcpListener::bind(("127.0.0.1", port)).expect("a free port");
        socket.set_nonblocking(true).expect("a socket");
        let url = format!("http://{}", socket.local_addr().expect("it is bound"));
        let spans = Spans::default();
        let routes = Router::new().route("/v1/traces", post(keep)).layer(DefaultBodyLimit::disable());
        let routes = routes.with_state(spans.clone());
        thread::spawn(move || {
            let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime");
            runtime.block_on(async {
                let socket = tokio::net::TcpListener::from_std(socket).expect("a socket");
                axum::serve(socket, routes).await.expect("it serves");
            });
        });
        Self { url, spans }
    }

    /// What was exported so far.
    pub fn spans(&self) -> Vec<Recorded> {
        self.spans.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }
}

async fn keep(State(spans): State<Spans>, body: Bytes) {
    let exported = ExportTraceServiceRequest::decode(body).expect("what an exporter sends");
    for of_resource in exported.resource_spans {
        let resource = attributes(of_resource.resource.unwrap_or_default().attributes);
        let service = resource.get("service.name").map_or("", String::as_str);
        let exported = of_resource.scope_spans.into_iter().flat_map(|scope| scope.spans);
        let exported = exported.map(|span| Recorded::new(service, span));
        spans.lock().unwrap_or_else(PoisonError::into_inner).extend(exported);
    }
}

fn attributes(list: Vec<KeyValue>) -> BTreeMap<String, String> {
    list.into_iter().map(|KeyValue { key, value, .. }| (key, text(value))).collect()
}

fn text(value: Option<AnyValue>) -> String {
    match value.and_then(|value| value.value) {
        Some(Value::StringValue(text)) => text,
        Some(Value::IntValue(number)) => number.to_string(),
        other => format!("{other:?}"),
    }
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}
