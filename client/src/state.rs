//! What the handlers share: the platform's services, and how one of them is called.

use std::sync::Arc;
use std::time::Duration;

use axum::http::{HeaderMap, HeaderName, HeaderValue, Method, StatusCode, header};
use common::answers::{Answers, Changes};
use common::api::{ErrorBody, ErrorEntry, SessionBody};
use common::auth::Operators;
use common::http_client;
use common::telemetry;
use reqwest::{RequestBuilder, Response};
use serde::Serialize;
use serde::de::DeserializeOwned;

use crate::config::Config;
use crate::failure::{Failure, Refusal, Service};
use crate::orders::open::Breaker;
use crate::page::Prepared;
use crate::site::beginnings::Beginnings;

/// How long a service may take to answer.
const ANSWER_LIMIT: Duration = Duration::from_secs(5);

/// How long a service may take to accept a connection.
const CONNECT_LIMIT: Duration = Duration::from_secs(2);

/// The `Retry-After` of a page whose service gave none.
const RETRY_AFTER_SECONDS: u64 = 2;

/// The settings, and one pool of connections to all services. Cheap to clone: axum does so for every request.
#[derive(Clone)]
pub struct Client(Arc<Parts>);

struct Parts {
    config: Config,
    operators: Operators,
    http: reqwest::Client,
    open_orders_breaker: Breaker,
    changes: Changes,
    found: Answers<Prepared>,
    sitemap: Beginnings,
}

/// How much memory the lists of events may take.
const FOUND_BYTES: u64 = 8 << 20;

impl Client {
    /// The services at the configured addresses.
    ///
    /// # Errors
    /// When the HTTP client cannot be made.
    pub fn new(config: Config) -> Result<Self, reqwest::Error> {
        // Services are called over plain http. Trusting no certificate saves each process from reading the system's, which a
        // small image does not even have.
        let none = std::iter::empty::<reqwest::Certificate>();
        let http = http_client::builder().tls_certs_only(none).timeout(ANSWER_LIMIT).connect_timeout(CONNECT_LIMIT);
        let operators = Operators::new(&config.operators);
        let (open_orders_breaker, sitemap, changes) = (Breaker::default(), Beginnings::default(), Changes::default());
        let found = Answers::new(changes.clone(), FOUND_BYTES, Prepared::size);
        let http = http.build()?;
        Ok(Self(Arc::new(Parts { config, operators, http, open_orders_breaker, changes, found, sitemap })))
    }

    /// Stripe's publishable key. Without one, buyers choose one of the sandbox's test cards.
    pub fn stripe_key(&self) -> Option<&str> {
        self.0.config.stripe_publishable_key.as_deref().map(str::trim).filter(|key| !key.is_empty())
    }

    /// Where the site is, if the settings say so.
    pub fn public_url(&self) -> Option<&str> {
        self.0.config.public_url.as_deref().filter(|text| !text.is_empty())
    }

    /// What the operator says about the terms of the site, else nothing.
    pub fn terms(&self) -> Option<&str> {
        self.0.config.terms.as_deref().filter(|text| !text.is_empty())
    }

    /// What the operator says about personal data, else nothing.
    pub fn privacy(&self) -> Option<&str> {
        self.0.config.privacy.as_deref().filter(|text| !text.is_empty())
    }

    /// Whether this account is an operator's.
    pub fn is_operator(&self, account: &SessionBody) -> bool {
        self.0.operators.contains(account)
    }

    /// Whether the orders service answers quickly enough for the header of pages.
    pub fn open_orders_breaker(&self) -> &Breaker {
        &self.0.open_orders_breaker
    }

    /// Counts the changes of tickets.
    pub fn changes(&self) -> &Changes {
        &self.0.changes
    }

    /// What lists of events look like, by language and address. They are the same for every visitor.
    pub fn found(&self) -> &Answers<Prepared> {
        &self.0.found
    }

    /// Begins a call for no visitor.
    pub fn public(&self, method: Method, service: Service, path: &str) -> Call {
        self.call(method, service, path, &HeaderMap::new())
    }

    /// Where the pages of the sitemap begin.
    pub fn sitemap(&self) -> &Beginnings {
        &self.0.sitemap
    }

    /// Begins a call with these headers of the visitor's.
    pub fn call(&self, method: Method, service: Service, path: &str, headers: &HeaderMap) -> Call {
        let url = match service {
            Service::Auth => &self.0.config.auth_url,
            Service::Tickets => &self.0.config.tickets_url,
            Service::Orders => &self.0.config.orders_url,
            Service::Payments => &self.0.config.payments_url,
        };
        Call { service, request: self.0.http.request(method, format!("{url}{path}")).headers(headers.clone()) }
    }
}

/// One call of a service. Every answer but a success is a [`Failure`].
pub struct Call {
    service: Service,
    request: RequestBuilder,
}

impl Call {
    /// With another header.
    pub fn header(self, name: HeaderName, value: &HeaderValue) -> Self {
        Self { request: self.request.header(name, value), ..self }
    }

    /// With this body.
    pub fn json(self, body: &impl Serialize) -> Self {
        Self { request: self.request.json(body), ..self }
    }

    /// With these bytes as they are.
    pub fn bytes(self, bytes: Vec<u8>) -> Self {
        Self { request: self.request.body(bytes), ..self }
    }

    /// As the same call, whenever it is made with this key.
    pub fn once(self, key: &str) -> Self {
        Self { request: self.request.header("idempotency-key", key), ..self }
    }

    /// With another limit than 5 s.
    pub fn timeout(self, limit: Duration) -> Self {
        Self { request: self.request.timeout(limit), ..self }
    }

    /// The answer, whose body goes on.
    pub async fn open(self) -> Result<Response, Failure> {
        answer(self.service, self.request).await
    }

    /// The answer's headers.
    pub async fn send(self) -> Result<HeaderMap, Failure> {
        let service = self.service;
        Ok(answer(service, self.request).await?.headers().clone())
    }

    /// The answer's body.
    pub async fn read<T: DeserializeOwned>(self) -> Result<T, Failure> {
        Ok(self.read_with_headers().await?.1)
    }

    /// The answer's headers and body.
    pub async fn read_with_headers<T: DeserializeOwned>(self) -> Result<(HeaderMap, T), Failure> {
        let service = self.service;
        let response = answer(service, self.request).await?;
        let headers = response.headers().clone();
        Ok((headers, response.json().await.map_err(|error| no_answer(service, &error))?))
    }
}

/// What is said of a limit when the service says nothing.
const TOO_MANY: &str = "Too many requests, try again later";

/// How the general sentences about limits end.
const LATER: &str = ", try again later";

/// Longer times are told in minutes.
const MOST_SECONDS: u64 = 90;

/// What a service says of a limit. A sentence that leaves open when another try is worth it gets the time.
fn limited(mut sent: Vec<ErrorEntry>, retry_after: Option<u64>) -> Vec<ErrorEntry> {
    if sent.is_empty() {
        sent.push(ErrorEntry { message: TOO_MANY.to_owned(), field: None });
    }
    let time = match retry_after {
        Some(seconds @ ..=MOST_SECONDS) => format!("{seconds} s"),
        Some(seconds) => format!("{} min", seconds.div_ceil(60)),
        None => return sent,
    };
    for entry in &mut sent {
        if let Some(start) = entry.message.strip_suffix(LATER) {
            entry.message = format!("{start}, try again in {time}");
        }
    }
    sent
}

/// What a service's answer means to a page.
async fn answer(service: Service, request: RequestBuilder) -> Result<Response, Failure> {
    let response = telemetry::http::send(request).await.map_err(|error| no_answer(service, &error))?;
    let status = response.status();
    let retry_after: Option<u64> =
        response.headers().get(header::RETRY_AFTER).and_then(|value| value.to_str().ok()?.parse().ok());
    Err(match status {
        _ if status.is_success() => return Ok(response),
        StatusCode::UNAUTHORIZED => Failure::NotAuthorized,
        StatusCode::NOT_FOUND => Failure::NotFound,
        StatusCode::TOO_MANY_REQUESTS => {
            let sent = response.json().await.map(|ErrorBody { errors, .. }| errors).unwrap_or_default();
            let errors = limited(sent, retry_after);
            Failure::Refused(Refusal { status, retry_after_seconds: retry_after, errors, ..Refusal::default() })
        }
        _ if status.is_client_error() => match response.json().await {
            Ok(ErrorBody { errors, client_secret }) => {
                Failure::Refused(Refusal { status, retry_after_seconds: retry_after, errors, client_secret })
            }
            Err(error) => no_answer(service, &error),
        },
        _ => {
            tracing::warn!(?service, %status, "the service failed");
            Failure::Unavailable { service, retry_after_seconds: retry_after.unwrap_or(RETRY_AFTER_SECONDS) }
        }
    })
}

/// No answer, or one that cannot be read.
fn no_answer(service: Service, error: &reqwest::Error) -> Failure {
    let cause = std::error::Error::source(error).map(ToString::to_string);
    tracing::warn!(?service, %error, cause, "the service is unavailable");
    Failure::Unavailable { service, retry_after_seconds: RETRY_AFTER_SECONDS }
}

#[cfg(test)]
mod tests {
    use common::api::ErrorEntry;

    use super::limited;

    #[test]
    fn a_limit_says_when_to_try_again() {
        let words = |sent: &[&str], seconds| {
            let sent = sent.iter().map(|message| ErrorEntry { message: (*message).to_owned(), field: None }).collect();
            limited(sent, seconds).into_iter().map(|entry| entry.message).collect::<Vec<_>>().join(". ")
        };
        let general = |seconds| words(&["Too many attempts, try again later"], seconds);
        assert_eq!(general(Some(90)), "Too many attempts, try again in 90 s");
        assert_eq!(general(Some(91)), "Too many attempts, try again in 2 min");
        assert_eq!(general(None), "Too many attempts, try again later");
        assert_eq!(words(&[], Some(5)), "Too many requests, try again in 5 s");
        assert_eq!(words(&["Pay or cancel one first"], Some(600)), "Pay or cancel one first");
    }
}
