//! Stripe's wire format: forms there, JSON back.

use std::fmt;
use std::time::Duration;

use common::config::Secret;
use common::error::StartError;
use reqwest::header::{AUTHORIZATION, HeaderMap, HeaderValue};
use reqwest::{Client, RequestBuilder, Url};
use serde::Deserialize;
use tokio::time::sleep;

use crate::provider::ProviderError;

/// The version of the API that the fields below are of.
const API_VERSION: &str = "2025-09-30.clover";

const CONNECT_LIMIT: Duration = Duration::from_secs(3);

/// Pause before asking again while the first call under the same key is still under way.
const UNDER_WAY_PAUSE: Duration = Duration::from_millis(200);

/// A PaymentIntent or a refund: of both only this is looked at.
#[derive(Debug, Deserialize)]
pub struct Object {
    pub id: String,
    pub status: String,
}

/// An answer that is no success.
#[derive(Debug, Default)]
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
        Self {
            status,
            kind: fields.kind.unwrap_or_default(),
            code: fields.code.unwrap_or_default(),
            param: fields.param.unwrap_or_default(),
            message: fields.message.unwrap_or_else(|| "Your card was declined".to_owned()),
        }
    }

    /// Whether the buyer can do something about it: an unknown or used token, an amount outside of Stripe's limits.
    pub fn is_about_card_or_amount(&self) -> bool {
        self.param.starts_with("payment_method")
            || self.code.starts_with("token_")
            || self.code.starts_with("amount_too_")
    }

    /// Another call with the same key, or on the same object, has not ended yet.
    fn is_under_way(&self) -> bool {
        self.code == "idempotency_key_in_use" || self.code == "lock_timeout"
    }
}

impl fmt::Display for Problem {
    /// For the operator. With a wrong key Stripe's message repeats parts of it, so then it is left out.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let message = if self.status == 401 { "" } else { &self.message };
        write!(f, "{} {} {} {message}", self.status, self.kind, self.code)
    }
}

impl From<Problem> for ProviderError {
    fn from(problem: Problem) -> Self {
        match problem.status {
            409 | 424 | 429 | 500.. => Self::Unavailable(problem.to_string()),
            _ => Self::Failed(problem.to_string()),
        }
    }
}

pub type Answer = Result<Object, Problem>;

/// A client that sends key and version with every request.
pub struct Wire {
    http: Client,
    base: Url,
}

impl Wire {
    /// # Errors
    /// When the key cannot be sent or the address is none.
    pub fn new(secret: &Secret, base: &Url) -> Result<Self, StartError> {
        if base.cannot_be_a_base() || !matches!(base.scheme(), "http" | "https") {
            return Err(StartError::configuration("STRIPE_API_BASE", "it is no http address"));
        }
        let mut authorization = HeaderValue::try_from(format!("Bearer {}", secret.expose()))
            .map_err(|_| StartError::configuration("STRIPE_KEY", "it holds characters that no key has"))?;
        authorization.set_sensitive(true);
        let mut headers = HeaderMap::new();
        headers.insert(AUTHORIZATION, authorization);
        headers.insert("stripe-version", HeaderValue::from_static(API_VERSION));
        let client = common::http_client::builder().default_headers(headers).connect_timeout(CONNECT_LIMIT).build();
        let http = client.map_err(|error| StartError::Unavailable(format!("no client for Stripe: {error}")))?;
        Ok(Self { http, base: base.clone() })
    }

    /// POST under an idempotency key. While the first call under this key is under way, it is asked again.
    ///
    /// # Errors
    /// When there is no answer.
    pub async fn post(&self, path: &[&str], key: &str, form: &[(&str, &str)]) -> Result<Answer, ProviderError> {
        loop {
            let request = self.http.post(self.url(path)?).header("idempotency-key", key).form(form);
            match send(request).await? {
                Err(problem) if problem.is_under_way() => sleep(UNDER_WAY_PAUSE).await,
                answer => return Ok(answer),
            }
        }
    }

    /// GET.
    ///
    /// # Errors
    /// When there is no answer.
    pub async fn get(&self, path: &[&str]) -> Result<Answer, ProviderError> {
        send(self.http.get(self.url(path)?)).await
    }

    fn url(&self, path: &[&str]) -> Result<Url, ProviderError> {
        let mut url = self.base.clone();
        match url.path_segments_mut() {
            Ok(mut segments) => segments.pop_if_empty().push("v1").extend(path),
            Err(()) => return Err(ProviderError::Failed("Stripe's address takes no path".to_owned())),
        };
        Ok(url)
    }
}

async fn send(request: RequestBuilder) -> Result<Answer, ProviderError> {
    let away = |error: reqwest::Error| ProviderError::Unavailable(causes(&error));
    let response = request.send().await.map_err(away)?;
    let status = response.status();
    let body = response.bytes().await.map_err(away)?;
    if !status.is_success() {
        return Ok(Err(Problem::read(status.as_u16(), &body)));
    }
    // It was done, whatever it says of it: the same key will tell.
    let object = serde_json::from_slice(&body);
    object.map(Ok).map_err(|error| ProviderError::Unavailable(format!("an answer that cannot be read: {error}")))
}

/// An error with what lies behind it: "connection refused" rather than "error sending request".
fn causes(error: &dyn std::error::Error) -> String {
    let mut text = error.to_string();
    let mut cause = error.source();
    while let Some(error) = cause {
        text = format!("{text}: {error}");
        cause = error.source();
    }
    text
}
