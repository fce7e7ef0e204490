//! The edge: stands in for ingress-nginx where there is no cluster, with the routes of the ingress.

// `common` owns this file. This crate cannot depend on `common`, whose feature `testing` depends on it.
#[path = "../../../common/src/service/linger.rs"]
mod linger;

use std::collections::HashMap;
use std::net::SocketAddr;
use std::time::Duration;

use anyhow::{Context, Result, ensure};
use axum::Router;
use axum::body::HttpBody;
use axum::extract::{ConnectInfo, Request};
use axum::http::header::{CONTENT_TYPE, FORWARDED, RETRY_AFTER, TE};
use axum::http::{HeaderName, HeaderValue, StatusCode};
use axum::middleware::{map_request, map_response};
use axum::response::{IntoResponse, Response};
use axum::routing::{any, any_service};
use axum_reverse_proxy::{HostBehaviour, ProxyError, ProxyPolicy, RetryLayer, ReverseProxy};
use hyper_util::client::legacy::Client;
use hyper_util::client::legacy::connect::HttpConnector;
use hyper_util::rt::{TokioExecutor, TokioTimer};
use serde_norway::Value;
use tokio::net::TcpListener;

const INGRESS: &str = include_str!("../../k8s/base/ingress.yaml");

/// The ingress's `proxy-body-size`.
const BODY_LIMIT: usize = 4 * 1024 * 1024;
/// ingress-nginx's defaults `proxy-connect-timeout` and `proxy-read-timeout`.
const CONNECT_TIMEOUT: Duration = Duration::from_secs(5);
const ANSWER_TIMEOUT: Duration = Duration::from_secs(60);
/// Shorter than any service keeps an idle connection, so that a request seldom meets one that is just closing.
const IDLE_TIMEOUT: Duration = Duration::from_secs(15);
/// When nobody listens, the connection is tried once more: a service that died is back after this time.
const CONNECT_ATTEMPTS: usize = 2;
const CONNECT_BACKOFF: Duration = Duration::from_millis(500);
/// How `http-body-util` reports a body without a length that was found to be too large while it was sent.
const TOO_LARGE: &str = "length limit exceeded";

const X_REAL_IP: HeaderName = HeaderName::from_static("x-real-ip");
/// What a browser may claim about where it is. The edge is the first that knows, so it replaces these, as ingress-nginx does.
const CLAIMS: [HeaderName; 5] = [
    FORWARDED,
    HeaderName::from_static("x-forwarded-for"),
    HeaderName::from_static("x-forwarded-host"),
    HeaderName::from_static("x-forwarded-proto"),
    X_REAL_IP,
];

/// Serves until `shutdown`, then finishes what is in flight. `backends` says where each service of the ingress is (`auth` is at
/// `127.0.0.1:3001`, say); a service that is missing there is answered for with 503.
pub async fn serve(
    listener: TcpListener,
    backends: HashMap<String, String>,
    shutdown: impl Future<Output = ()> + Send + 'static,
) -> Result<()> {
    let service = router(&backends)?.into_make_service_with_connect_info::<SocketAddr>();
    axum::serve(listener, service).with_graceful_shutdown(shutdown).await.context("the edge failed")
}

fn router(backends: &HashMap<String, String>) -> Result<Router> {
    let policy = ProxyPolicy::new()
        .with_host_behaviour(HostBehaviour::Preserve)
        .with_public_scheme("http")
        .with_upstream_timeout(ANSWER_TIMEOUT)
        .with_max_request_body_bytes(BODY_LIMIT as u64);
    let mut connector = HttpConnector::new();
    connector.set_connect_timeout(Some(CONNECT_TIMEOUT));
    connector.set_nodelay(true);
    let client = Client::builder(TokioExecutor::new())
        .pool_timer(TokioTimer::new())
        .pool_idle_timeout(IDLE_TIMEOUT)
        .build(connector);
    let mut router = Router::new();
    for (prefix, service) in routes()? {
        let backend = match backends.get(&service) {
            Some(address) => {
                let proxy = ReverseProxy::new_with_client("/", format!("http://{address}"), client.clone());
                any_service(proxy.with_policy(policy.clone()))
            }
            None => any(async || refusal(StatusCode::SERVICE_UNAVAILABLE)),
        };
        // A prefix matches whole path elements: itself, with a slash at its end, and all below it.
        let own = (!prefix.is_empty()).then(|| prefix.clone());
        for path in own.into_iter().chain([format!("{prefix}/"), format!("{prefix}/{{*rest}}")]) {
            router = router.route(&path, backend.clone());
        }
    }
    let retry = RetryLayer::with_delay(CONNECT_ATTEMPTS, CONNECT_BACKOFF).with_max_buffer_bytes(BODY_LIMIT);
    let router = router.fallback(async || refusal(StatusCode::NOT_FOUND));
    Ok(router.layer(retry).layer(map_response(explain)).layer(map_request(admit)))
}

/// Path prefixes, without a slash at their end, and the services behind them, as the ingress of the cluster has them.
fn routes() -> Result<Vec<(String, String)>> {
    let ingress: Value = serde_norway::from_str(INGRESS)?;
    let rules = ingress["spec"]["rules"].as_sequence().into_iter().flatten();
    let paths = rules.filter_map(|rule| rule["http"]["paths"].as_sequence()).flatten();
    let routes = paths.map(|path| {
        ensure!(path["pathType"] == "Prefix", "only paths of type Prefix are understood, not {path:?}");
        let prefix = path["path"].as_str().context("a path of the ingress has no prefix")?;
        let service = path["backend"]["service"]["name"].as_str().context("a path of the ingress has no service")?;
        Ok((prefix.trim_end_matches('/').to_owned(), service.trim_end_matches("-srv").to_owned()))
    });
    routes.collect()
}

/// Refuses a body that is too large, and says where the request came from; the proxy adds the `X-Forwarded-*` headers.
async fn admit(ConnectInfo(peer): ConnectInfo<SocketAddr>, request: Request) -> Result<Request, Response> {
    let mut request = linger::keep_reading(request);
    if request.body().size_hint().lower() > BODY_LIMIT as u64 {
        return Err(refusal(StatusCode::PAYLOAD_TOO_LARGE));
    }
    let headers = request.headers_mut();
    for name in CLAIMS.iter().chain([&TE]) {
        headers.remove(name);
    }
    if let Ok(address) = HeaderValue::from_str(&peer.ip().to_string()) {
        headers.insert(X_REAL_IP, address);
    }
    Ok(request)
}

/// Turns the proxy's own answers into the platform's.
async fn explain(response: Response) -> Response {
    match response.extensions().get::<ProxyError>() {
        None => response,
        Some(error) if error.is_connect() => refusal(StatusCode::SERVICE_UNAVAILABLE),
        Some(error) if error.message().contains(TOO_LARGE) => refusal(StatusCode::PAYLOAD_TOO_LARGE),
        Some(_) => refusal(response.status()),
    }
}

/// An answer of the edge itself, with the platform's error body.
fn refusal(status: StatusCode) -> Response {
    let message = match status {
        StatusCode::NOT_FOUND => "Not found",
        StatusCode::PAYLOAD_TOO_LARGE => "The request is too large",
        StatusCode::SERVICE_UNAVAILABLE => "This service is unavailable, please try again",
        StatusCode::GATEWAY_TIMEOUT => "This service did not answer in time",
        _ => "This service did not finish its answer, please try again",
    };
    let body = format!(r#"{{"errors":[{{"message":"{message}"}}]}}"#);
    let mut response = (status, [(CONTENT_TYPE, "application/json")], body).into_response();
    if status == StatusCode::SERVICE_UNAVAILABLE {
        response.headers_mut().insert(RETRY_AFTER, HeaderValue::from_static("1"));
    }
    response
}
