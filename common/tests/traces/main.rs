//! The traces of a process, as a collector gets them. A process has one collector from its start, so these tests are one of their own.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, missing_docs, reason = "tests fail by panicking")]

#[path = "../it/counter.rs"]
#[allow(dead_code, reason = "other tests need the rest")]
mod counter;
#[path = "../it/ear.rs"]
#[allow(dead_code, reason = "other tests need the rest")]
mod ear;

use std::sync::LazyLock;

use axum::extract::State;
use clap::Parser;
use common::config::{MongoConfig, TracesConfig};
use common::id::Id;
use common::listener::Failure;
use common::mongo::{self, Store};
use common::routes::Routes;
use common::service::Service;
use common::testing::{self, App, Recorded, TraceCollector, eventually};
use common::{http_client, telemetry};
use mongodb::bson::{Document, doc};
use opentelemetry::trace::FutureExt as _;
use opentelemetry_proto::tonic::trace::v1::span::SpanKind;
use reqwest::Method;

use crate::counter::{Counter, Servers, insert};
use crate::ear::{Ear, NAME};

#[derive(Parser)]
struct Flags {
    #[command(flatten)]
    traces: TracesConfig,
}

/// Records every trace that its caller does not want unrecorded.
static COLLECTOR: LazyLock<TraceCollector> = LazyLock::new(|| {
    let collector = TraceCollector::start();
    let flags: Flags = testing::config(&[
        ("otel-exporter-otlp-endpoint", &collector.url),
        ("otel-resource-attributes", "deployment.environment.name=test"),
    ]);
    telemetry::start_traces("counters", &flags.traces).unwrap();
    collector
});

async fn exported(what: &str, is_wanted: impl Fn(&Recorded) -> bool) -> Recorded {
    eventually(what, async || {
        tokio::task::spawn_blocking(telemetry::flush_traces).await.unwrap();
        COLLECTOR.spans().into_iter().find(&is_wanted)
    })
    .await
}

async fn spans_of(trace: &str) -> Vec<Recorded> {
    tokio::task::spawn_blocking(telemetry::flush_traces).await.unwrap();
    COLLECTOR.spans().into_iter().filter(|span| span.trace_id == trace).collect()
}

/// A trace that nobody else has.
fn new_trace() -> String {
    format!("{:0>32}", Id::generate().to_string())
}

fn traceparent(trace: &str, flags: &str) -> String {
    format!("00-{trace}-b7ad6b7169203331-{flags}")
}

async fn count(State(counters): State<Store<Counter>>) -> &'static str {
    insert(&counters).await;
    r#""counted""#
}

struct Counting {
    servers: Servers,
    app: App,
}

impl Counting {
    async fn start() -> Self {
        LazyLock::force(&COLLECTOR);
        let servers = Servers::new().await;
        let uri = testing::new_database().await;
        let config = MongoConfig { mongo_uri: uri.parse().unwrap() };
        let database = mongo::connect(&config, "counters").await.unwrap();
        let (outbox, relay) = common::relay::Relay::<Counter>::new(&database, servers.stream.broker().clone());
        relay.create_index().await.unwrap();
        let routes = Routes::new().post("/api/counters/{id}", count).into_router(Store::new(&database, outbox));
        let app = App::start(Service::new().relay(relay).routes(routes)).await;
        Self { servers, app }
    }

    async fn count(&self, traceparent: &str) {
        let request = self.app.request(Method::POST, "/api/counters/5?secret=yes").header("traceparent", traceparent);
        App::send(request).await.expect(200);
    }
}

#[tokio::test]
async fn a_request_its_writes_and_its_events_are_one_trace_and_a_consumer_links_to_it() {
    let counting = Counting::start().await;
    let ear = Ear::content();
    let listening = ear.listen(counting.servers.stream.broker());
    let trace = new_trace();
    counting.count(&traceparent(&trace, "01")).await;
    let counted = ear.wait_for_handled(1).await.remove(0);
    let consumed = exported("the event is handled", |span| span.links.iter().any(|(of, _)| *of == trace)).await;
    let published =
        exported("the event is published", |span| span.trace_id == trace && span.kind == SpanKind::Producer);
    let published = published.await;
    let spans = spans_of(&trace).await;
    let request = spans.iter().find(|span| span.kind == SpanKind::Server).unwrap();

    assert_eq!((request.name.as_str(), request.service.as_str()), ("POST /api/counters/{id}", "counters"));
    assert_eq!(request.parent_span_id, "b7ad6b7169203331");
    for (name, value) in [
        ("http.request.method", "POST"),
        ("http.route", "/api/counters/{id}"),
        ("http.response.status_code", "200"),
        ("url.path", "/api/counters/5"),
        ("url.scheme", "http"),
    ] {
        assert_eq!(request.attribute(name), value, "{name}");
    }
    assert!(!format!("{spans:?}").contains("secret"), "queries are not recorded");

    let write = spans.iter().find(|span| span.attribute("db.operation.name") == "insert").unwrap();
    assert_eq!(write.parent_span_id, request.span_id);
    assert_eq!(write.kind, SpanKind::Client);
    assert_eq!(write.attribute("db.system.name"), "mongodb");
    assert_eq!(write.attribute("db.collection.name"), "counters");

    assert_eq!((published.name.as_str(), &published.parent_span_id), ("publish ticket.counted", &request.span_id));
    assert_eq!((consumed.name.as_str(), consumed.kind), ("process ticket.counted", SpanKind::Consumer));
    assert_eq!(consumed.links, [(trace.clone(), published.span_id.clone())]);
    assert_ne!(consumed.trace_id, trace);
    assert_eq!(consumed.parent_span_id, "");
    assert_eq!(consumed.attribute("messaging.consumer.group.name"), NAME);
    assert_eq!(consumed.attribute("messaging.message.conversation_id"), counted.id.to_string());
    for (span, operation) in [(&published, "send"), (&consumed, "process")] {
        assert_eq!(span.attribute("messaging.system"), "nats");
        assert_eq!(span.attribute("messaging.destination.name"), "ticket.counted");
        assert_eq!(span.attribute("messaging.operation.type"), operation);
        assert_eq!(span.attribute("messaging.message.id"), published.attribute("messaging.message.id"));
    }
    listening.stop().await;
    let metrics = counting.app.metrics().await;
    for name in [
        r#"http_server_request_duration_seconds_count{http_request_method="POST",http_route="/api/counters/{id}",url_scheme="http",http_response_status_code="200",error_type=""}"#,
        r#"messaging_client_sent_messages_total{messaging_system="nats",messaging_operation_name="publish",messaging_destination_name="ticket.counted",error_type=""}"#,
        r#"messaging_process_duration_seconds_count{messaging_system="nats",messaging_operation_name="process",messaging_destination_name="ticket.counted",error_type=""}"#,
    ] {
        assert!(metrics.contains(name), "{name} is not in {metrics}");
    }
}

#[tokio::test]
async fn of_a_trace_that_is_not_sampled_nothing_is_exported_and_its_id_goes_on_all_the_same() {
    let counting = Counting::start().await;
    let ear = Ear::content();
    let listening = ear.listen(counting.servers.stream.broker());
    let trace = new_trace();
    counting.count(&traceparent(&trace, "00")).await;
    ear.wait_for_handled(1).await;
    let message = counting.servers.stream.messages::<counter::Counted>().await.remove(0);
    let header = message.headers.get("traceparent").unwrap().to_string();
    assert!(header.starts_with(&format!("00-{trace}-")) && header.ends_with("-00"), "{header}");
    listening.stop().await;
    assert!(spans_of(&trace).await.is_empty());
    assert!(!COLLECTOR.spans().iter().any(|span| span.links.iter().any(|(of, _)| *of == trace)));
}

#[tokio::test]
async fn an_event_that_becomes_a_dead_letter_is_an_error() {
    let counting = Counting::start().await;
    let ear = Ear::new(async |_| Err(Failure::Undecodable("nonsense".to_owned())));
    let listening = ear.listen(counting.servers.stream.broker());
    let trace = new_trace();
    counting.count(&traceparent(&trace, "01")).await;
    let failed = exported("the event is a dead letter", |span| span.links.iter().any(|(of, _)| *of == trace)).await;
    assert!(failed.is_error);
    assert_eq!(failed.attribute("error.type"), "dead letter");
    listening.stop().await;
}

#[tokio::test]
async fn a_call_of_another_service_is_a_span_that_goes_on_there() {
    let counting = Counting::start().await;
    let trace = new_trace();
    let url = format!("{}/api/counters/5?secret=yes", counting.app.url);
    let call = telemetry::http::send(http_client::builder().build().unwrap().post(url));
    let answer = call.with_context(telemetry::parent(&traceparent(&trace, "01"))).await.unwrap();
    assert_eq!(answer.status(), 200);
    exported("it is answered", |span| span.trace_id == trace && span.kind == SpanKind::Server).await;
    let spans = spans_of(&trace).await;
    let of_kind = |kind| spans.iter().find(|span| span.kind == kind && span.name.starts_with("POST")).unwrap();
    let (call, request) = (of_kind(SpanKind::Client), of_kind(SpanKind::Server));
    assert_eq!(request.parent_span_id, call.span_id);
    assert_eq!(call.attribute("http.request.method"), "POST");
    assert_eq!(call.attribute("http.response.status_code"), "200");
    assert_eq!(call.attribute("server.address"), "127.0.0.1");
    assert_eq!(call.attribute("url.full"), format!("{}/api/counters/5", counting.app.url));
}

#[tokio::test]
async fn a_call_of_the_database_that_no_request_made_is_no_trace() {
    LazyLock::force(&COLLECTOR);
    let config = MongoConfig { mongo_uri: testing::new_database().await.parse().unwrap() };
    let database = mongo::connect(&config, "counters").await.unwrap();
    database.collection::<Document>("swept").find_one(doc! {}).await.unwrap();
    tokio::task::spawn_blocking(telemetry::flush_traces).await.unwrap();
    assert!(!COLLECTOR.spans().iter().any(|span| span.attribute("db.collection.name") == "swept"));
}
