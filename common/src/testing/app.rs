//! A service that runs on sockets of its own, and somebody who asks it.

use std::time::Duration;

use axum::response::AppendHeaders;
use reqwest::header::COOKIE;
use reqwest::{Method, RequestBuilder};
use serde_json::Value;
use tokio::net::TcpListener;
use tokio::task::JoinHandle;
use tokio_util::sync::CancellationToken;

use super::queries::Queries;
use super::{Answer, EventSource, HttpClient, JWT_KEY, eventually};
use crate::api::SessionBody;
use crate::auth::{Claims, Ended, Sessions};
use crate::caller::Caller;
use crate::config::SessionConfig;
use crate::id::Id;
use crate::service::{ServeError, Service, Sockets};
use crate::timestamp::Timestamp;

/// Somebody who is signed in.
#[derive(Clone, Debug)]
pub struct User {
    /// The account.
    pub id: Id,
    /// The `Cookie` header of the session.
    pub cookie: String,
}

impl User {
    /// Somebody new, whose address is proved, with a session that begins now.
    pub fn new() -> Self {
        let id = Id::generate();
        Self::with_session(&SessionBody {
            id,
            email: format!("{id}@example.com"),
            iat: Timestamp::now().millis() / 1000,
            verified: true,
        })
    }

    /// Somebody with exactly these claims.
    pub fn with_session(session: &SessionBody) -> Self {
        Self::with_claims(&Claims { session: session.clone(), session_id: None })
    }

    /// The same with the id of a session.
    pub fn with_claims(claims: &Claims) -> Self {
        let sessions = Sessions::new(&SessionConfig { jwt_key: JWT_KEY.parse().expect("a key") }, Ended::default());
        let AppendHeaders(set) = sessions.begin(claims, Caller::default()).expect("it signs");
        let set = set[0].1.to_str().expect("a cookie is ASCII");
        Self { id: claims.session.id, cookie: set.split(';').next().unwrap_or_default().to_owned() }
    }
}

impl Default for User {
    fn default() -> Self {
        Self::new()
    }
}

/// A service under test.
pub struct App {
    /// `http://127.0.0.1:port` of the API.
    pub url: String,
    /// `http://127.0.0.1:port` of health and metrics.
    pub admin_url: String,
    http: HttpClient,
    admin: HttpClient,
    stop: CancellationToken,
    running: JoinHandle<Result<(), ServeError>>,
    _queries: Queries,
}

impl App {
    /// Runs the service and waits until it is ready.
    pub async fn start(service: Service) -> Self {
        let app = Self::start_unready(service).await;
        eventually("the service is ready", async || (app.readiness().await.status == 200).then_some(())).await;
        app
    }

    /// Runs the service.
    pub async fn start_unready(service: Service) -> Self {
        let bind = || async { TcpListener::bind("127.0.0.1:0").await.expect("a free port") };
        let sockets = Sockets { public: bind().await, admin: bind().await };
        let url = |socket: &TcpListener| format!("http://{}", socket.local_addr().expect("it is bound"));
        let (url, admin_url) = (url(&sockets.public), url(&sockets.admin));
        let stop = CancellationToken::new();
        let queries = Queries(service.database_names());
        let running = tokio::spawn(service.serve(sockets, stop.clone(), Duration::from_secs(20)));
        let (http, admin) = (HttpClient::new(&url), HttpClient::new(&admin_url));
        Self { url, admin_url, http, admin, stop, running, _queries: queries }
    }

    /// Somebody who keeps the cookies of the answers.
    pub fn visitor(&self) -> HttpClient {
        self.http.new_visitor()
    }

    /// A request to be shaped further. No answer begins a session: each request says whose it is.
    pub fn request(&self, method: Method, path: &str) -> RequestBuilder {
        self.http.request(method, path)
    }

    /// Sends a request and reads its answer.
    pub async fn send(request: RequestBuilder) -> Answer {
        let answer = Answer::to(request).await;
        assert_ne!(answer.status, 0, "no answer: {}", answer.body);
        answer
    }

    /// What `/readyz` says.
    pub async fn readiness(&self) -> Answer {
        self.admin.get("/readyz").await
    }

    /// What `/metrics` says.
    pub async fn metrics(&self) -> String {
        self.admin.get("/metrics").await.expect(200).message().to_owned()
    }

    /// GET, as this user or as nobody.
    pub async fn get(&self, user: Option<&User>, path: &str) -> Answer {
        self.ask(Method::GET, user, path, None).await
    }

    /// POST of a JSON body.
    pub async fn post(&self, user: Option<&User>, path: &str, body: Value) -> Answer {
        self.ask(Method::POST, user, path, Some(body)).await
    }

    /// PUT of a JSON body.
    pub async fn put(&self, user: Option<&User>, path: &str, body: Value) -> Answer {
        self.ask(Method::PUT, user, path, Some(body)).await
    }

    /// DELETE.
    pub async fn delete(&self, user: Option<&User>, path: &str) -> Answer {
        self.ask(Method::DELETE, user, path, None).await
    }

    /// Opens a connection for live updates, as this user or as nobody.
    pub async fn live(&self, user: Option<&User>, path: &str) -> EventSource {
        let request = self.request(Method::GET, path);
        EventSource::open(match user {
            Some(user) => request.header(COOKIE, &user.cookie),
            None => request,
        })
        .await
    }

    async fn ask(&self, method: Method, user: Option<&User>, path: &str, body: Option<Value>) -> Answer {
        let mut request = self.request(method, path);
        if let Some(user) = user {
            request = request.header(COOKIE, &user.cookie);
        }
        if let Some(body) = body {
            request = request.json(&body);
        }
        Self::send(request).await
    }

    /// Begins to stop, as SIGTERM does.
    pub fn begin_to_stop(&self) {
        self.stop.cancel();
    }

    /// Stops the service and waits for its end.
    ///
    /// # Errors
    /// What went wrong while it ran or ended.
    pub async fn stop(self) -> Result<(), ServeError> {
        // Its connections are closed with it. A service that has none need not wait for their last requests.
        drop((self.http, self.admin));
        self.stop.cancel();
        self.running.await.expect("serving does not panic")
    }

    /// Ends the service in the middle of what it does, as SIGKILL would: nothing is finished, nothing is flushed.
    pub fn abort(self) {
        self.running.abort();
    }
}
