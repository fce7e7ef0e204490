//! One call of a service, and what its answer means to a page.

use std::sync::Arc;
use std::time::Duration;

use axum::http::{Method, StatusCode, header};
use common::api::{ErrorBody, ErrorEntry};
use common::http_client;
use common::telemetry::TraceParent;
use reqwest::{Client, Response};
use serde::Serialize;
use serde::de::DeserializeOwned;

use crate::config::ServiceUrl;
use crate::failure::{Failure, Part, Refusal};
use crate::visitor::Visitor;

/// How long a service may take to answer.
const ANSWER_LIMIT: Duration = Duration::from_secs(5);

/// How long a service may take to accept a connection.
const CONNECT_LIMIT: Duration = Duration::from_secs(2);

/// When a service that does not answer is worth another try.
const RETRY_AWAY_SECONDS: u64 = 2;

/// The pool of kept connections to all services.
pub struct Http(Client);

impl Http {
    /// An empty pool.
    ///
    /// # Errors
    /// When the HTTP client cannot be made.
    pub fn new() -> Result<Self, reqwest::Error> {
        // Services are asked over plain http. Trusting no certificate spares each process to read the system's, which a small
        // image does not even have.
        let nobody = std::iter::empty::<reqwest::Certificate>();
        let client = http_client::builder().tls_certs_only(nobody).timeout(ANSWER_LIMIT).connect_timeout(CONNECT_LIMIT);
        client.build().map(Self)
    }

    /// A service behind this pool.
    pub fn service(&self, part: Part, url: &ServiceUrl) -> Service {
        Service { http: self.0.clone(), part, url: url.to_string().into() }
    }
}

/// One of the platform's services.
#[derive(Clone)]
pub struct Service {
    http: Client,
    part: Part,
    url: Arc<str>,
}

impl Service {
    /// Asks, with what services may see of the visitor.
    ///
    /// # Errors
    /// What any answer but a success means to a page.
    pub async fn get(&self, visitor: &Visitor, path: &str) -> Result<Response, Failure> {
        self.send(self.request(Method::GET, visitor, path)).await
    }

    /// Sends a JSON body, likewise.
    ///
    /// # Errors
    /// What any answer but a success means to a page.
    pub async fn send_json(
        &self,
        method: Method,
        visitor: &Visitor,
        path: &str,
        body: &impl Serialize,
    ) -> Result<Response, Failure> {
        self.send(self.request(method, visitor, path).json(body)).await
    }

    /// Starts a request that [`Service::send`] sends.
    pub fn request(&self, method: Method, visitor: &Visitor, path: &str) -> reqwest::RequestBuilder {
        self.http
            .request(method, format!("{}{path}", self.url))
            .headers(visitor.relayed().clone())
            .header("traceparent", TraceParent::current().to_string())
    }

    /// Sends a request and sorts the answer.
    ///
    /// # Errors
    /// What any answer but a success means to a page.
    pub async fn send(&self, request: reqwest::RequestBuilder) -> Result<Response, Failure> {
        let response = request.send().await.map_err(|error| self.away(&error))?;
        if response.status().is_success() { Ok(response) } else { Err(self.failure(response).await) }
    }

    /// Reads a JSON body.
    ///
    /// # Errors
    /// A service whose answer cannot be read is as good as away.
    pub async fn read<T: DeserializeOwned>(&self, response: Response) -> Result<T, Failure> {
        response.json().await.map_err(|error| self.away(&error))
    }

    async fn failure(&self, response: Response) -> Failure {
        let status = response.status();
        let retry_after =
            response.headers().get(header::RETRY_AFTER).and_then(|value| value.to_str().ok()?.parse().ok());
        match status {
            StatusCode::UNAUTHORIZED => Failure::NotAuthorized,
            StatusCode::NOT_FOUND => Failure::NotFound,
            StatusCode::TOO_MANY_REQUESTS => {
                let message = match retry_after {
                    Some(seconds) => format!("Too many attempts, try again in {seconds} s"),
                    None => "Too many attempts, try again later".to_owned(),
                };
                Failure::Refused(Refusal { status, errors: vec![ErrorEntry { message, field: None }] })
            }
            _ if status.is_client_error() => match response.json::<ErrorBody>().await {
                Ok(ErrorBody { errors }) => Failure::Refused(Refusal { status, errors }),
                Err(error) => self.away(&error),
            },
            _ => {
                tracing::warn!(part = %self.part, %status, "a service failed");
                self.away_for(retry_after.unwrap_or(RETRY_AWAY_SECONDS))
            }
        }
    }

    fn away(&self, error: &reqwest::Error) -> Failure {
        tracing::warn!(part = %self.part, %error, cause = std::error::Error::source(error).map(ToString::to_string), "a service is away");
        self.away_for(RETRY_AWAY_SECONDS)
    }

    const fn away_for(&self, retry_after_seconds: u64) -> Failure {
        Failure::Away { part: self.part, retry_after_seconds }
    }
}
