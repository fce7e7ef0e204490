//! The edge router: stands in for ingress-nginx where there is no cluster, with the ingress's own routes.

mod headers;
pub mod routes;

use std::collections::HashMap;
use std::error::Error;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use anyhow::{Context, Result};
use axum::Router;
use axum::body::{Body, HttpBody};
use axum::extract::{ConnectInfo, Request, State};
use axum::http::header::{CONTENT_TYPE, RETRY_AFTER};
use axum::http::{StatusCode, Uri, Version};
use axum::response::{IntoResponse, Response};
use http_body_util::{LengthLimitError, Limited};
use hyper_util::client::legacy::Client;
use hyper_util::client::legacy::connect::HttpConnector;
use hyper_util::rt::{TokioExecutor, TokioIo, TokioTimer};
use tokio::net::{TcpListener, TcpStream};
use tokio::time::{sleep, timeout};
use tower::util::BoxCloneSyncService;
use tower::{Service, service_fn};

use self::routes::Routes;

/// ingress-nginx's default `proxy-body-size`.
const BODY_LIMIT: usize = 1024 * 1024;
/// ingress-nginx's defaults `proxy-connect-timeout` and `proxy-read-timeout`.
const CONNECT_LIMIT: Duration = Duration::from_secs(5);
const ANSWER_LIMIT: Duration = Duration::from_secs(60);
/// Shorter than any server keeps an idle connection, so that a request seldom meets one that is just closing.
const IDLE_LIMIT: Duration = Duration::from_secs(15);
/// A little longer than a service that died needs to be there again.
const RETRY_PAUSE: Duration = Duration::from_millis(500);

type Connector = BoxCloneSyncService<Uri, TokioIo<TcpStream>, Box<dyn Error + Send + Sync>>;

/// Routes of the ingress, addresses of the backends, and the connections to them.
#[derive(Debug)]
pub struct Edge {
    routes: Routes,
    backends: HashMap<String, String>,
    client: Client<Connector, Limited<Body>>,
}

impl Edge {
    /// Serves until `shutdown`, then finishes what is in flight. `backends` says where each service of the ingress is
    /// (`auth` is at `127.0.0.1:3001`, say); a service that is missing there is answered for with 503.
    pub async fn serve(
        listener: TcpListener,
        backends: HashMap<String, String>,
        shutdown: impl Future<Output = ()> + Send + 'static,
    ) -> Result<()> {
        let client = Client::builder(TokioExecutor::new())
            .pool_timer(TokioTimer::new())
            .pool_idle_timeout(IDLE_LIMIT)
            .build(connector());
        let edge = Arc::new(Self { routes: Routes::of_the_ingress()?, backends, client });
        let app = Router::new().fallback(forward).with_state(edge);
        axum::serve(listener, app.into_make_service_with_connect_info::<SocketAddr>())
            .with_graceful_shutdown(shutdown)
            .await
            .context("the edge router broke off")
    }

    /// Where a path leads: the request's own path and query at a backend's address.
    fn target(&self, uri: &Uri) -> Result<Uri, Refusal> {
        let service = self.routes.service(uri.path()).ok_or(Refusal::NotFound)?;
        let address = self.backends.get(service).ok_or(Refusal::Away)?;
        let path = uri.path_and_query().map_or("/", |path| path.as_str());
        format!("http://{address}{path}").parse().map_err(|_| Refusal::NotFound)
    }
}

/// Connects, and when nobody listens tries once more a moment later: nothing was sent yet, so this is safe for any
/// method, and a service that is being restarted is met again without a failure.
fn connector() -> Connector {
    let mut http = HttpConnector::new();
    http.set_connect_timeout(Some(CONNECT_LIMIT));
    http.set_nodelay(true);
    BoxCloneSyncService::new(service_fn(move |uri: Uri| {
        let mut http = http.clone();
        async move {
            if let Ok(stream) = http.call(uri.clone()).await {
                return Ok(stream);
            }
            sleep(RETRY_PAUSE).await;
            http.call(uri).await.map_err(Into::into)
        }
    }))
}

async fn forward(
    State(edge): State<Arc<Edge>>,
    ConnectInfo(peer): ConnectInfo<SocketAddr>,
    request: Request,
) -> Result<Response, Refusal> {
    let (mut head, body) = request.into_parts();
    if body.size_hint().lower() > BODY_LIMIT as u64 {
        return Err(Refusal::TooLarge);
    }
    head.uri = edge.target(&head.uri)?;
    head.version = Version::HTTP_11;
    headers::remove_hop_by_hop(&mut head.headers);
    headers::set_forwarded(&mut head.headers, peer.ip());
    let request = Request::from_parts(head, Limited::new(body, BODY_LIMIT));
    let answer = timeout(ANSWER_LIMIT, edge.client.request(request)).await.map_err(|_| Refusal::Late)?;
    let mut response = answer.map_err(|error| {
        if error.is_connect() {
            Refusal::Away
        } else if is_too_large(&error) {
            Refusal::TooLarge
        } else {
            Refusal::Broken
        }
    })?;
    headers::remove_hop_by_hop(response.headers_mut());
    Ok(response.map(Body::new))
}

/// A body without a length is found to be too large only while it is being sent.
fn is_too_large(error: &(dyn Error + 'static)) -> bool {
    error.is::<LengthLimitError>() || error.source().is_some_and(is_too_large)
}

/// Why the edge answers itself, in the platform's own error body.
#[derive(Debug)]
enum Refusal {
    NotFound,
    TooLarge,
    Away,
    Broken,
    Late,
}

impl IntoResponse for Refusal {
    fn into_response(self) -> Response {
        let (status, message) = match self {
            Self::NotFound => (StatusCode::NOT_FOUND, "Not found"),
            Self::TooLarge => (StatusCode::PAYLOAD_TOO_LARGE, "The request is too large"),
            Self::Away => (StatusCode::SERVICE_UNAVAILABLE, "This service is away, please try again"),
            Self::Broken => (StatusCode::BAD_GATEWAY, "This service broke off its answer, please try again"),
            Self::Late => (StatusCode::GATEWAY_TIMEOUT, "This service did not answer in time"),
        };
        let body = format!(r#"{{"errors":[{{"message":"{message}"}}]}}"#);
        let mut response = (status, [(CONTENT_TYPE, "application/json")], body).into_response();
        if status == StatusCode::SERVICE_UNAVAILABLE {
            response.headers_mut().insert(RETRY_AFTER, 1.into());
        }
        response
    }
}
