//! Requests that come in and go out: their spans and durations.

use std::collections::HashMap;
use std::pin::pin;
use std::sync::{LazyLock, PoisonError, RwLock};
use std::time::Instant;

use axum::extract::{MatchedPath, Request};
use axum::http::{Method, StatusCode};
use axum::response::Response;
use metrics::{Histogram, histogram};
use opentelemetry::propagation::TextMapPropagator;
use opentelemetry::trace::{FutureExt, Span, SpanBuilder, SpanKind, Status, TraceContextExt};
use opentelemetry::{Context, KeyValue};
use opentelemetry_http::{HeaderExtractor, HeaderInjector};
use opentelemetry_sdk::propagation::TraceContextPropagator;
use reqwest::RequestBuilder;

use super::logs::About;
use super::traces::{begin, extracted, tracer};
use crate::caller::Caller;

/// The method as the conventions have it: a caller can invent any number of methods, and a label must have few values.
fn known(method: &Method) -> &'static str {
    const KNOWN: [&str; 9] = ["GET", "HEAD", "POST", "PUT", "DELETE", "OPTIONS", "PATCH", "CONNECT", "TRACE"];
    KNOWN.into_iter().find(|known| *known == method.as_str()).unwrap_or("_OTHER")
}

/// Times a request, and answers it within a span of the trace that it came with, or of a new one.
pub async fn observe(request: Request, answer: impl AsyncFnOnce(Request) -> Response) -> Response {
    let started = Instant::now();
    let method = known(request.method());
    let matched = request.extensions().get::<MatchedPath>().cloned();
    let route = matched.as_ref().map_or("", MatchedPath::as_str);
    let is_https = request.extensions().get::<Caller>().is_some_and(|caller| caller.is_https);
    let scheme = if is_https { "https" } else { "http" };
    let span = SpanBuilder::from_name(method).with_kind(SpanKind::Server);
    let context = begin(span, &extracted(&HeaderExtractor(request.headers())));
    let span = context.span();
    if span.is_recording() {
        span.update_name(match (method, route) {
            ("_OTHER", route) => format!("HTTP {route}"),
            (method, "") => method.to_owned(),
            (method, route) => format!("{method} {route}"),
        });
        span.set_attributes([
            KeyValue::new("http.request.method", method),
            KeyValue::new("http.route", route.to_owned()),
            KeyValue::new("url.scheme", scheme),
            KeyValue::new("url.path", request.uri().path().to_owned()),
        ]);
    }
    // Pinned here, because to move it into what wraps it would be to copy some kilobytes for every request.
    let answer = pin!(async {
        let response = answer(request).await;
        tracing::debug!(status = response.status().as_u16(), "answered");
        response
    });
    let about = About::Request { method, route: matched.clone() };
    let response = about.scope(answer).with_context(context.clone()).await;
    let status = response.status();
    end(&context, Some(status), error_type(&status));
    durations(route, Kind { method, scheme, status }).record(started.elapsed());
    response
}

/// What is counted apart of one route.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
struct Kind {
    method: &'static str,
    scheme: &'static str,
    status: StatusCode,
}

/// The durations of requests, which cost as much to look up by their labels as to record. There are as many as routes and statuses.
fn durations(route: &str, kind: Kind) -> Histogram {
    static KNOWN: LazyLock<RwLock<HashMap<String, HashMap<Kind, Histogram>>>> = LazyLock::new(RwLock::default);
    let known = KNOWN.read().unwrap_or_else(PoisonError::into_inner);
    if let Some(durations) = known.get(route).and_then(|of_route| of_route.get(&kind)) {
        return durations.clone();
    }
    drop(known);
    let Kind { method, scheme, status } = kind;
    let durations = histogram!(
        "http_server_request_duration_seconds",
        "http_request_method" => method,
        "http_route" => route.to_owned(),
        "url_scheme" => scheme,
        "http_response_status_code" => status.as_str().to_owned(),
        "error_type" => error_type(&status).to_owned(),
    );
    let mut known = KNOWN.write().unwrap_or_else(PoisonError::into_inner);
    known.entry(route.to_owned()).or_default().insert(kind, durations.clone());
    durations
}

/// An error of the server's is named by its status.
fn error_type(status: &StatusCode) -> &str {
    if status.is_server_error() { status.as_str() } else { "" }
}

/// Sends a request to another service, as a span of the current trace that goes on there.
///
/// # Errors
/// As `RequestBuilder::send`.
pub async fn send(request: RequestBuilder) -> reqwest::Result<reqwest::Response> {
    let started = Instant::now();
    let (client, request) = request.build_split();
    let mut request = request?;
    let method = known(request.method());
    let host = request.url().host_str().unwrap_or_default().to_owned();
    let port = request.url().port_or_known_default().unwrap_or_default();
    let mut span = SpanBuilder::from_name(method).with_kind(SpanKind::Client).start(tracer());
    if span.is_recording() {
        let mut without_query = request.url().clone();
        without_query.set_query(None);
        span.set_attributes([
            KeyValue::new("http.request.method", method),
            KeyValue::new("url.full", String::from(without_query)),
            KeyValue::new("server.address", host.clone()),
            KeyValue::new("server.port", i64::from(port)),
        ]);
    }
    let context = Context::current_with_span(span);
    TraceContextPropagator::new().inject_context(&context, &mut HeaderInjector(request.headers_mut()));
    let answer = client.execute(request).with_context(context.clone()).await;
    let status = answer.as_ref().ok().map(reqwest::Response::status);
    let error = match (&answer, &status) {
        (_, Some(status)) if status.is_client_error() || status.is_server_error() => status.as_str(),
        (Err(error), _) if error.is_timeout() => "timeout",
        (Err(_), _) => "no_answer",
        _ => "",
    };
    end(&context, status, error);
    histogram!(
        "http_client_request_duration_seconds",
        "http_request_method" => method,
        "server_address" => host,
        "server_port" => port.to_string(),
        "http_response_status_code" => status.map(|status| status.as_str().to_owned()).unwrap_or_default(),
        "error_type" => error.to_owned(),
    )
    .record(started.elapsed());
    answer
}

fn end(context: &Context, status: Option<StatusCode>, error: &str) {
    let span = context.span();
    if span.is_recording() {
        let status = status.map(|status| i64::from(status.as_u16()));
        span.set_attributes(status.map(|status| KeyValue::new("http.response.status_code", status)));
        if !error.is_empty() {
            span.set_attribute(KeyValue::new("error.type", error.to_owned()));
            span.set_status(Status::error(""));
        }
    }
    span.end();
}
