//! The process and its collector of traces.

use std::time::{Duration, Instant};

use async_nats::HeaderMap;
use common::testing::{self, Recorded, Stream, TraceCollector, eventually};
use infra_local::ports;
use reqwest::Method;
use serde_json::json;
use tokio::net::TcpListener;

use crate::process::{PROGRAM, Running};

const TRACE: &str = "0af7651916cd43dd8448eb211c80319c";

async fn start(collector: &str) -> Running {
    let settings = [
        ("OTEL_EXPORTER_OTLP_ENDPOINT", collector),
        ("OTEL_BSP_SCHEDULE_DELAY", "50"),
        ("OTEL_BSP_MAX_QUEUE_SIZE", "64"),
        ("OTEL_BSP_MAX_EXPORT_BATCH_SIZE", "8"),
    ];
    Running::start(&testing::new_database().await, &settings).await
}

impl Running {
    fn count_of(&self, message: &str) -> usize {
        self.said()
            .iter()
            .filter(|line| line["fields"]["message"].as_str().unwrap_or_default().contains(message))
            .count()
    }
}

#[tokio::test]
async fn what_a_process_did_last_is_exported_when_it_ends_and_its_log_has_the_same_ids() {
    let collector = TraceCollector::start();
    let auth = start(&collector.url).await;
    let sign_up = auth.api.request(Method::POST, "/api/users/signup");
    let sign_up = sign_up.header("traceparent", format!("00-{TRACE}-b7ad6b7169203331-01"));
    auth.api.send(sign_up.json(&json!({"email": "ann@example.com", "password": "correct horse 7"}))).await.expect(201);
    let said = auth.stop_within(Duration::from_secs(10)).await;

    let spans: Vec<Recorded> = collector.spans().into_iter().filter(|span| span.trace_id == TRACE).collect();
    let request = spans.iter().find(|span| span.name == "POST /api/users/signup").unwrap();
    assert_eq!(request.service, "auth");
    let is_insert = |span: &Recorded| {
        span.attribute("db.operation.name") == "insert" && span.attribute("db.collection.name") == "users"
    };
    assert!(spans.iter().any(is_insert), "{spans:?}");
    let line = said.iter().find(|line| line["fields"]["incident"] == "SignedUp").unwrap();
    assert_eq!(line["trace_id"], TRACE);
    assert_eq!(line["span_id"], request.span_id.as_str());
    assert_eq!((&line["method"], &line["route"]), (&json!("POST"), &json!("/api/users/signup")));
    assert!(said.iter().any(|line| line["trace_id"].is_null()), "the start belongs to no request");
}

#[tokio::test]
async fn a_line_about_an_event_has_its_subject_and_the_trace_that_published_it() {
    let auth = Running::start(&testing::new_database().await, &[]).await;
    let stream = Stream::open(&auth.nats).await;
    let mut headers = HeaderMap::new();
    headers.insert("traceparent", format!("00-{TRACE}-b7ad6b7169203331-01"));
    let jetstream = stream.broker().jetstream();
    jetstream.publish_with_headers("order.created", headers, "{}".into()).await.unwrap().await.unwrap();
    eventually("it is a dead letter", async || (auth.count_of("dead letter") > 0).then_some(())).await;
    let said = auth.said();
    let line = said.iter().find(|line| line["fields"]["message"] == "event became a dead letter").unwrap();
    assert_eq!((&line["subject"], &line["cause"]), (&json!("order.created"), &json!(TRACE)));
}

#[tokio::test]
async fn a_collector_that_never_answers_costs_no_request_any_time_and_is_told_of_once() {
    // It takes connections, and nothing else.
    let silent = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let auth = start(&format!("http://{}", silent.local_addr().unwrap())).await;
    // Many times what the queue holds.
    for _ in 0..1000 {
        let asked = Instant::now();
        auth.api.get("/api/users/currentuser").await.expect(200);
        assert!(asked.elapsed() < Duration::from_secs(2), "{:?}", asked.elapsed());
    }
    eventually("it says so", async || (auth.count_of("does not take the spans") > 0).then_some(())).await;
    let said = auth.stop_within(Duration::from_secs(8)).await;
    let told = said.iter().filter(|line| line["fields"]["message"].as_str().unwrap_or_default().contains("spans"));
    assert_eq!(told.count(), 1, "{said:?}");
}

#[tokio::test]
async fn when_a_collector_comes_back_spans_are_exported_again() {
    let port = ports::free().unwrap();
    let auth = start(&format!("http://127.0.0.1:{port}")).await;
    eventually("it is missed", async || (auth.count_of("does not take the spans") > 0).then_some(())).await;
    for _ in 0..100 {
        auth.api.get("/api/users/currentuser").await.expect(200);
    }
    let collector = TraceCollector::start_on(port);
    eventually("spans arrive", async || {
        auth.api.get("/api/users/currentuser").await.expect(200);
        (!collector.spans().is_empty() && auth.count_of("takes spans again") == 1).then_some(())
    })
    .await;
    assert_eq!(auth.count_of("does not take the spans"), 1);
    auth.stop_within(Duration::from_secs(8)).await;
}

#[test]
fn a_malformed_setting_of_traces_is_named_and_refused_with_64() {
    for (variable, value) in [
        ("OTEL_EXPORTER_OTLP_ENDPOINT", "collector:4318"),
        ("OTEL_EXPORTER_OTLP_PROTOCOL", "grpc"),
        ("OTEL_TRACES_SAMPLER", "sometimes"),
        ("OTEL_TRACES_SAMPLER_ARG", "1.5"),
        ("OTEL_RESOURCE_ATTRIBUTES", "nothing"),
    ] {
        let output = std::process::Command::new(PROGRAM)
            .env("MONGO_URI", "mongodb://127.0.0.1:9/auth")
            .env("NATS_URL", "nats://127.0.0.1:9")
            .env("JWT_KEY", testing::JWT_KEY)
            .env(variable, value)
            .output()
            .unwrap();
        let message = String::from_utf8_lossy(&output.stderr);
        assert_eq!(output.status.code(), Some(64), "{message}");
        assert!(message.contains(&variable.to_lowercase().replace('_', "-")), "{variable}: {message}");
    }
}
