//! Stripe's wire format: requests are forms, answers are JSON.

use std::fmt;
use std::time::Duration;

use backon::Retryable;
use common::config::Secret;
use common::error::StartError;
use common::retry::backoff;
use common::telemetry;
use reqwest::header::{AUTHORIZATION, HeaderMap, HeaderValue};
use reqwest::{Client, RequestBuilder, Response, Url};
use serde::Deserialize;
use serde::de::DeserializeOwned;

use crate::provider::ProviderError;

/// The version of the API that the fields below belong to.
const API_VERSION: &str = "2025-09-30.clover";

/// Longer than any answer of theirs, in bytes. What is read is held in memory.
const LONGEST_ANSWER: usize = 4 << 20;

const CONNECT_TIMEOUT: Duration = Duration::from_secs(3);

/// The longest pause before a retry while an earlier call under the same key has not ended.
const LONGEST_PAUSE: Duration = Duration::from_millis(200);

/// The status of a [`Problem`] without an answer.
const NO_ANSWER: u16 = 0;

/// A page of a list.
#[derive(Deserialize)]
pub struct Page<T> {
    pub data: Vec<T>,
    #[serde(default)]
    pub has_more: bool,
}

/// An answer that is no success, or none at all.
#[derive(Debug)]
pub struct Problem {
    pub status: u16,
    pub kind: String,
    pub code: String,
    pub param: String,
    pub message: String,
}

#[derive(Deserialize)]
struct ProblemBody {
    error: ProblemFields,
}

#[derive(Default, Deserialize)]
struct ProblemFields {
    #[serde(rename = "type")]
    kind: Option<String>,
    code: Option<String>,
    param: Option<String>,
    message: Option<String>,
}

impl Problem {
    fn read(status: u16, body: &[u8]) -> Self {
        // A gateway in between may answer with anything.
        let fields = serde_json::from_slice::<ProblemBody>(body).map(|body| body.error).unwrap_or_default();
        Self::new(status, fields)
    }

    /// The call was perhaps done.
    fn unanswered(message: String) -> Self {
        Self::new(NO_ANSWER, ProblemFields { message: Some(message), ..ProblemFields::default() })
    }

    fn new(status: u16, fields: ProblemFields) -> Self {
        let unsaid = if status == 402 { "Your card was declined" } else { "no message" };
        Self {
            status,
            kind: fields.kind.unwrap_or_default(),
            code: fields.code.unwrap_or_default(),
            param: fields.param.unwrap_or_default(),
            message: fields.message.unwrap_or_else(|| unsaid.to_owned()),
        }
    }

    /// Whether the buyer can mend it: an unknown or used token, an amount outside of Stripe's limits.
    pub fn is_about_card_or_amount(&self) -> bool {
        self.param.starts_with("payment_method")
            || self.code.starts_with("token_")
            || self.code.starts_with("amount_too_")
    }

    /// A repetition would be refused likewise: by the bank, for the state of the intent or its charge, for the amount. Any other 400
    /// is a mistake of ours.
    fn is_final(&self) -> bool {
        const ABOUT: [&str; 4] = ["payment_intent_", "charge_", "capture_", "amount_too_"];
        self.status == 402 || (self.status == 400 && ABOUT.iter().any(|about| self.code.starts_with(about)))
    }

    /// The intent has a state in which the call is not possible.
    pub fn is_about_the_state(&self) -> bool {
        self.code == "payment_intent_unexpected_state"
    }

    /// Another call under the same key, or on the same object, has not ended yet. Nothing was done.
    fn is_under_way(&self) -> bool {
        self.code == "idempotency_key_in_use" || self.code == "lock_timeout"
    }
}

impl fmt::Display for Problem {
    /// For the operator. With a wrong or restricted key Stripe's message repeats parts of the key, so it is left out then.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.status {
            NO_ANSWER => f.write_str(&self.message),
            401 | 403 => write!(f, "{} {} {}", self.status, self.kind, self.code),
            status => write!(f, "{status} {} {} {}", self.kind, self.code, self.message),
        }
    }
}

impl From<Problem> for ProviderError {
    /// An object that Stripe does not know (404) was made under another key or account: that says nothing about the money.
    fn from(problem: Problem) -> Self {
        match problem.status {
            NO_ANSWER | 409 | 424 | 429 | 500.. => Self::Unavailable(problem.to_string()),
            _ if problem.is_final() => Self::Refused(problem.to_string()),
            _ => Self::Failed(problem.to_string()),
        }
    }
}

/// A client that sends key and version with every request.
pub struct Wire {
    http: Client,
    base: Url,
}

impl Wire {
    /// The API at this address.
    pub fn new(secret: &Secret, base: &Url) -> Result<Self, StartError> {
        if base.cannot_be_a_base() || !matches!(base.scheme(), "http" | "https") {
            return Err(StartError::configuration("STRIPE_API_BASE", "it is not an http address"));
        }
        let mut authorization = HeaderValue::try_from(format!("Bearer {}", secret.expose()))
            .map_err(|_| StartError::configuration("STRIPE_KEY", "it has characters that no key has"))?;
        authorization.set_sensitive(true);
        let mut headers = HeaderMap::new();
        headers.insert(AUTHORIZATION, authorization);
        headers.insert("stripe-version", HeaderValue::from_static(API_VERSION));
        let client = common::http_client::builder().default_headers(headers).connect_timeout(CONNECT_TIMEOUT).build();
        let http = client.map_err(|error| StartError::Unavailable(format!("no client for Stripe: {error}")))?;
        Ok(Self { http, base: base.clone() })
    }

    /// POST without a key, for what the state of the object itself keeps from being done twice.
    pub async fn post<T: DeserializeOwned>(&self, path: &[&str], form: &[(&str, &str)]) -> Result<T, Problem> {
        let post = || send(self.http.post(self.url(path, &[])).form(form));
        post.retry(backoff(LONGEST_PAUSE)).when(Problem::is_under_way).await.map(|(object, _)| object)
    }

    /// POST under an idempotency key; the flag says that it is the answer to an earlier call under this key.
    pub async fn post_once<T: DeserializeOwned>(
        &self,
        path: &[&str],
        key: &str,
        form: &[(&str, &str)],
    ) -> Result<(T, bool), Problem> {
        let post = || send(self.http.post(self.url(path, &[])).header("idempotency-key", key).form(form));
        post.retry(backoff(LONGEST_PAUSE)).when(Problem::is_under_way).await
    }

    /// GET.
    pub async fn get<T: DeserializeOwned>(&self, path: &[&str], query: &[(&str, &str)]) -> Result<T, Problem> {
        send(self.http.get(self.url(path, query))).await.map(|(object, _)| object)
    }

    fn url(&self, path: &[&str], query: &[(&str, &str)]) -> Url {
        let mut url = self.base.clone();
        // An http address always takes a path.
        if let Ok(mut segments) = url.path_segments_mut() {
            segments.pop_if_empty().push("v1").extend(path);
        }
        if !query.is_empty() {
            url.query_pairs_mut().extend_pairs(query);
        }
        url
    }
}

async fn send<T: DeserializeOwned>(request: RequestBuilder) -> Result<(T, bool), Problem> {
    let unanswered = |error: reqwest::Error| Problem::unanswered(causes(&error));
    let response = telemetry::http::send(request).await.map_err(unanswered)?;
    let status = response.status();
    let is_replayed = response.headers().get("idempotent-replayed").is_some_and(|value| value == "true");
    let body = read(response).await?;
    if !status.is_success() {
        return Err(Problem::read(status.as_u16(), &body));
    }
    let object = serde_json::from_slice(&body)
        .map_err(|error| Problem::unanswered(format!("an answer that cannot be read: {error}")))?;
    Ok((object, is_replayed))
}

/// The body, as far as one of theirs can be long.
async fn read(mut response: Response) -> Result<Vec<u8>, Problem> {
    let mut body = Vec::new();
    while let Some(part) = response.chunk().await.map_err(|error| Problem::unanswered(causes(&error)))? {
        if body.len() + part.len() > LONGEST_ANSWER {
            return Err(Problem::unanswered(format!("an answer of more than {LONGEST_ANSWER} bytes")));
        }
        body.extend_from_slice(&part);
    }
    Ok(body)
}

/// An error with its causes: "connection refused" rather than "error sending request".
fn causes(error: &dyn std::error::Error) -> String {
    let mut text = error.to_string();
    let mut cause = error.source();
    while let Some(error) = cause {
        text = format!("{text}: {error}");
        cause = error.source();
    }
    text
}
