//! The HTTP client of every test, story and tool.

use std::error::Error;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use reqwest::header::{COOKIE, HeaderMap, LOCATION, SET_COOKIE};
use reqwest::{Client, Method, RequestBuilder, Response};
use serde::Serialize;
use serde_json::{Value, json};

use crate::http_client;
use crate::id::Id;

/// Longer than a service takes for any answer, a 503 included.
const TIMEOUT: Duration = Duration::from_secs(30);

/// A site as one visitor meets it: its URL, and the cookies that it has set. A clone has the same ones.
#[derive(Clone, Debug)]
pub struct HttpClient {
    url: String,
    http: Client,
    cookies: Arc<Mutex<Vec<Cookie>>>,
}

#[derive(Debug)]
struct Cookie {
    /// `name=value`
    pair: String,
    path: String,
}

impl Cookie {
    /// `name=value; path=…; …`
    fn parse(cookie: &str) -> Self {
        let path = cookie
            .split("; ")
            .find_map(|part| part.split_once('=').filter(|(name, _)| name.eq_ignore_ascii_case("path")));
        let path = path.map_or("/", |(_, path)| path).to_owned();
        Self { pair: cookie.split(';').next().unwrap_or_default().to_owned(), path }
    }

    fn name(&self) -> &str {
        self.pair.split('=').next().unwrap_or_default()
    }

    /// Whether it is sent with a request for this path and query: RFC 6265, section 5.1.4.
    fn is_for(&self, path: &str) -> bool {
        let path = path.split('?').next().unwrap_or_default();
        path.strip_prefix(&self.path)
            .is_some_and(|rest| self.path.ends_with('/') || matches!(rest.chars().next(), None | Some('/')))
    }
}

impl HttpClient {
    /// A visitor without a session. No proxy is asked and no redirect followed.
    pub fn new(url: &str) -> Self {
        Self::build(url, false)
    }

    /// The same where the certificate may be self-signed.
    pub fn accepting_any_certificate(url: &str) -> Self {
        Self::build(url, true)
    }

    fn build(url: &str, any_certificate: bool) -> Self {
        let http = http_client::builder().timeout(TIMEOUT).tls_danger_accept_invalid_certs(any_certificate).build();
        let url = url.trim_end_matches('/').to_owned();
        Self { url, http: http.expect("a client"), cookies: Arc::default() }
    }

    /// Another visitor of the same site, over the same connections.
    pub fn new_visitor(&self) -> Self {
        Self { cookies: Arc::default(), ..self.clone() }
    }

    /// The same visitor with this cookie, `name=value; path=…; …`.
    pub fn with_cookie(self, cookie: &str) -> Self {
        self.cookies().push(Cookie::parse(cookie));
        self
    }

    /// The session's cookie, name and value; empty without a session.
    pub fn cookie(&self) -> String {
        let cookies = self.cookies();
        cookies.iter().find(|cookie| cookie.name() == "session").map(|cookie| cookie.pair.clone()).unwrap_or_default()
    }

    fn cookies(&self) -> MutexGuard<'_, Vec<Cookie>> {
        self.cookies.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// A request with the cookies for this path, to be shaped further.
    pub fn request(&self, method: Method, path: &str) -> RequestBuilder {
        let request = self.http.request(method, format!("{}{path}", self.url));
        let cookies = self.cookies();
        let sent: Vec<&str> =
            cookies.iter().filter(|cookie| cookie.is_for(path)).map(|cookie| cookie.pair.as_str()).collect();
        if sent.is_empty() { request } else { request.header(COOKIE, sent.join("; ")) }
    }

    /// Sends a request, and keeps the cookies that the answer sets.
    pub async fn send(&self, request: RequestBuilder) -> Answer {
        let answer = Answer::to(request).await;
        for cookie in answer.headers.get_all(SET_COOKIE) {
            let new = Cookie::parse(cookie.to_str().unwrap_or_default());
            let mut cookies = self.cookies();
            cookies.retain(|old| (old.name(), &old.path) != (new.name(), &new.path));
            if new.pair.len() > new.name().len() + 1 {
                cookies.push(new);
            }
        }
        answer
    }

    /// GET
    pub async fn get(&self, path: &str) -> Answer {
        self.send(self.request(Method::GET, path)).await
    }

    /// POST of a JSON body.
    pub async fn post(&self, path: &str, body: Value) -> Answer {
        self.send(self.request(Method::POST, path).json(&body)).await
    }

    /// PUT of a JSON body.
    pub async fn put(&self, path: &str, body: Value) -> Answer {
        self.send(self.request(Method::PUT, path).json(&body)).await
    }

    /// DELETE
    pub async fn delete(&self, path: &str) -> Answer {
        self.send(self.request(Method::DELETE, path)).await
    }

    /// POST of a form's fields, as a page sends them.
    pub async fn submit(&self, path: &str, fields: &(impl Serialize + ?Sized)) -> Answer {
        self.send(self.request(Method::POST, path).form(fields)).await
    }
}

/// What was answered.
#[derive(Debug)]
pub struct Answer {
    /// The status code; 0 stands for no answer at all.
    pub status: u16,
    /// The headers.
    pub headers: HeaderMap,
    /// The body: JSON, a text if it is something else, null when it is empty. Without an answer the reason.
    pub body: Value,
}

impl Answer {
    /// Sends a request and reads its answer.
    pub async fn to(request: RequestBuilder) -> Self {
        let read = async |response: Response| {
            let (status, headers) = (response.status().as_u16(), response.headers().clone());
            Ok(Self { status, headers, body: body(&response.bytes().await?) })
        };
        let answer = async { read(request.send().await?).await };
        answer.await.unwrap_or_else(|error: reqwest::Error| Self {
            status: 0,
            headers: HeaderMap::new(),
            body: innermost(&error).into(),
        })
    }

    /// A header as text, empty when it is missing.
    pub fn header(&self, name: &str) -> &str {
        self.headers.get(name).and_then(|value| value.to_str().ok()).unwrap_or_default()
    }

    /// Where a redirect leads, empty when it is none.
    pub fn location(&self) -> &str {
        self.header(LOCATION.as_str())
    }

    /// The id in the body.
    pub fn id(&self) -> Id {
        self.body["id"].as_str().and_then(|text| text.parse().ok()).expect("the body has an id")
    }

    /// The first message of a failure, or the body where it is a text.
    pub fn message(&self) -> &str {
        self.body["errors"][0]["message"].as_str().or(self.body.as_str()).unwrap_or_default()
    }

    /// Fails unless this is the status.
    #[track_caller]
    pub fn expect(self, status: u16) -> Self {
        assert_eq!(self.status, status, "{}", self.body);
        self
    }

    /// Fails unless it is this failure, with one entry for each `(message, field)`.
    #[track_caller]
    pub fn expect_errors(self, status: u16, errors: &[(&str, Option<&str>)]) {
        let entries: Vec<Value> = errors
            .iter()
            .map(|(message, field)| match field {
                Some(field) => json!({"message": message, "field": field}),
                None => json!({"message": message}),
            })
            .collect();
        assert_eq!((self.status, self.body), (status, json!({ "errors": entries })));
    }
}

fn body(bytes: &[u8]) -> Value {
    if bytes.is_empty() {
        return Value::Null;
    }
    serde_json::from_slice(bytes).unwrap_or_else(|_| String::from_utf8_lossy(bytes).into())
}

/// The innermost cause says most.
fn innermost(error: &dyn Error) -> String {
    error.source().map_or_else(|| error.to_string(), innermost)
}
