//! The connection to NATS, and JetStream's own JSON API: configurations pass through unchanged, whatever the broker's version.

use std::time::Duration;

use anyhow::{Result, anyhow};
use async_nats::client::Request;
use async_nats::{Client, ConnectOptions, ServerAddr};
use clap::Args;
use percent_encoding::percent_decode_str;
use serde_json::{Value, json};

use crate::patience::{Attempt, Patience};
use crate::settings::{Secret, Usage};

/// How long a call waits for the broker's answer.
const ANSWER: Duration = Duration::from_secs(10);

/// The broker gives answers to us under subjects that begin with this.
const INBOX_PREFIX: &str = "_INBOX_ops";

/// No suitable peers for placement: as long as not all servers of a cluster have met, there are too few.
const NO_SUITABLE_PEERS: u64 = 10_005;
const CONSUMER_NOT_FOUND: u64 = 10_014;
const STREAM_NOT_FOUND: u64 = 10_059;

/// Where the broker is.
#[derive(Args, Clone, Debug)]
pub struct Nats {
    /// URL of NATS with JetStream: nats://user:password@host:4222, several separated by commas.
    #[arg(long, env = "NATS_URL", hide_env_values = true, value_name = "URL")]
    pub nats_url: Secret,
}

/// A connection.
#[derive(Clone, Debug)]
pub struct Broker {
    /// For what the JSON API does not do: the chunks of a snapshot.
    pub client: Client,
}

/// Why a call of the API failed.
#[derive(Debug, thiserror::Error)]
pub enum ApiError {
    /// Nobody answered, or not in time.
    #[error("no answer to {subject}: {cause}")]
    Away {
        /// What was asked.
        subject: String,
        /// What the client says.
        cause: String,
    },
    /// The broker said no.
    #[error("the broker says: {description} ({number})")]
    Refused {
        /// In the manner of HTTP.
        status: u64,
        /// The broker's own number of the error.
        number: u64,
        /// The broker's words.
        description: String,
    },
    /// The answer is no JSON.
    #[error("the answer to {0} cannot be understood")]
    Unintelligible(String),
}

impl ApiError {
    /// Whether the same call may succeed later: no leader yet, not enough servers yet.
    pub fn is_temporary(&self) -> bool {
        match self {
            Self::Away { .. } => true,
            Self::Refused { status, number, .. } => *status == 503 || *number == NO_SUITABLE_PEERS,
            Self::Unintelligible(_) => false,
        }
    }

    fn is_not_found(&self) -> bool {
        matches!(self, Self::Refused { number: CONSUMER_NOT_FOUND | STREAM_NOT_FOUND, .. })
    }

    /// For a command that waits: what is temporary is no failure.
    ///
    /// # Errors
    /// This error, if waiting would not help.
    pub fn unless_temporary<T>(self) -> Result<Attempt<T>> {
        if self.is_temporary() { Ok(Attempt::NotYet(self.into())) } else { Err(self.into()) }
    }
}

impl Nats {
    /// Connects, waiting for the broker if need be.
    ///
    /// # Errors
    /// When the URL is malformed, or no connection is made in time.
    pub async fn connect(&self, patience: &Patience) -> Result<Broker> {
        let servers = self.nats_url.expose().split(',').map(|url| url.trim().parse::<ServerAddr>());
        let servers = servers.collect::<Result<Vec<_>, _>>().map_err(|error| Usage(format!("NATS_URL: {error}")))?;
        let client = patience
            .keep_trying("the broker", async || match options(&servers).connect(servers.clone()).await {
                Ok(client) => Ok(Attempt::Done(client)),
                Err(error) => Ok(Attempt::NotYet(anyhow!(error))),
            })
            .await?;
        Ok(Broker { client })
    }
}

fn options(servers: &[ServerAddr]) -> ConnectOptions {
    let options = ConnectOptions::new().name("ops").custom_inbox_prefix(INBOX_PREFIX);
    let plain = |text: &str| percent_decode_str(text).decode_utf8_lossy().into_owned();
    // The client library takes a login from its options, and overlooks the one in a URL.
    match servers.iter().find_map(|url| Some((url.username()?, url.password()?))) {
        Some((user, password)) => options.user_and_password(plain(user), plain(password)),
        None => options,
    }
}

impl Broker {
    /// Asks JetStream: `subject` is what follows `$JS.API.`.
    ///
    /// # Errors
    /// No answer, or a refusal.
    pub async fn ask(&self, subject: &str, question: &Value) -> Result<Value, ApiError> {
        self.ask_within(ANSWER, &format!("$JS.API.{subject}"), question.to_string().into()).await
    }

    /// Sends bytes to any subject and waits for an answer that is empty or JSON.
    ///
    /// # Errors
    /// No answer within the limit, or a refusal.
    pub async fn ask_within(&self, limit: Duration, subject: &str, payload: bytes::Bytes) -> Result<Value, ApiError> {
        let request = Request::new().payload(payload).timeout(Some(limit));
        let answer = self
            .client
            .send_request(subject.to_owned(), request)
            .await
            .map_err(|error| ApiError::Away { subject: subject.to_owned(), cause: error.to_string() })?;
        if answer.payload.is_empty() {
            return Ok(Value::Null);
        }
        let unintelligible = |_| ApiError::Unintelligible(subject.to_owned());
        let answer: Value = serde_json::from_slice(&answer.payload).map_err(unintelligible)?;
        match answer.get("error") {
            None => Ok(answer),
            Some(error) => Err(ApiError::Refused {
                status: error["code"].as_u64().unwrap_or_default(),
                number: error["err_code"].as_u64().unwrap_or_default(),
                description: error["description"].as_str().unwrap_or("no reason").to_owned(),
            }),
        }
    }

    /// A stream's configuration and state, or nothing if there is none.
    ///
    /// # Errors
    /// No answer, or a refusal.
    pub async fn stream(&self, name: &str) -> Result<Option<Value>, ApiError> {
        found(self.ask(&format!("STREAM.INFO.{name}"), &json!({})).await)
    }

    /// A consumer's configuration and state, or nothing if there is none.
    ///
    /// # Errors
    /// No answer, or a refusal, that of a missing stream included.
    pub async fn consumer(&self, stream: &str, name: &str) -> Result<Option<Value>, ApiError> {
        match self.ask(&format!("CONSUMER.INFO.{stream}.{name}"), &json!({})).await {
            Err(error @ ApiError::Refused { number: STREAM_NOT_FOUND, .. }) => Err(error),
            answer => found(answer),
        }
    }
}

fn found(answer: Result<Value, ApiError>) -> Result<Option<Value>, ApiError> {
    match answer {
        Ok(value) => Ok(Some(value)),
        Err(error) if error.is_not_found() => Ok(None),
        Err(error) => Err(error),
    }
}
