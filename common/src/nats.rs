//! The broker: one connection, and the streams that every service relies on.

use std::fmt::Display;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use async_nats::jetstream::context::ContextBuilder;
use async_nats::jetstream::context::GetStreamErrorKind;
use async_nats::jetstream::message::PublishMessage;
use async_nats::jetstream::stream::{Config, RetentionPolicy, StorageType};
use async_nats::jetstream::{Context, ErrorCode};
use async_nats::{Client, ConnectOptions, HeaderMap, ServerAddr, connection};
use bytes::Bytes;
use metrics::counter;
use tokio::sync::broadcast::{self, error::RecvError};
use tokio::time::{sleep, timeout};

use crate::config::NatsConfig;
use crate::events::{Event, SCHEMA_VERSION, SCHEMA_VERSION_HEADER, STREAM, STREAM_SUBJECTS};
use crate::parked;
use crate::service::StartError;
use crate::telemetry::TraceParent;

/// How long a call waits for the broker's answer.
const ANSWER: Duration = Duration::from_secs(5);

/// How long a starting service waits for the broker before it goes on without.
const FIRST_CONTACT: Duration = Duration::from_secs(1);

/// How long the stream recognises a second publish of the same event. Longer than any process takes to come back.
const DUPLICATE_WINDOW: Duration = Duration::from_secs(10 * 60);

/// How long the stream keeps an event: a service may be away for as long and miss nothing.
const KEEP: Duration = Duration::from_secs(30 * 24 * 60 * 60);

/// Refusals that are remembered for whoever waits for one; later ones displace the oldest.
const REFUSALS: usize = 16;

/// How long the last acks may take on their way out.
const LAST_WORDS: Duration = Duration::from_secs(1);

/// The connection to NATS. Cheap to clone.
#[derive(Clone)]
pub struct Broker {
    client: Client,
    jetstream: Context,
    replicas: usize,
    state: Arc<State>,
}

struct State {
    /// The streams were there when last looked at.
    streams: AtomicBool,
    has_answered: AtomicBool,
    /// What the broker says against what we ask or publish. It comes beside the answers, of which there is none then.
    refusals: broadcast::Sender<String>,
}

/// The streams that the fleet relies on, with so many copies each: the events, and the messages that could not be handled.
pub fn streams(replicas: usize) -> [Config; 2] {
    let kept = |name: &str, subjects: Vec<String>| Config {
        name: name.to_owned(),
        subjects,
        retention: RetentionPolicy::Limits,
        storage: StorageType::File,
        max_age: KEEP,
        duplicate_window: DUPLICATE_WINDOW,
        num_replicas: replicas,
        ..Config::default()
    };
    let events = STREAM_SUBJECTS.map(str::to_owned).to_vec();
    [kept(STREAM, events), kept(parked::STREAM, vec![parked::SUBJECTS.to_owned()])]
}

/// A connection that is made in the background and made again whenever it breaks: sales go on while the broker is away.
///
/// Answers come to inboxes that begin with `_INBOX_<service>`, so that a broker can keep each service out of the others'.
///
/// # Errors
/// When the URL is malformed.
pub async fn connect(config: &NatsConfig, service: &str) -> Result<Broker, StartError> {
    let malformed = |error: &dyn Display| StartError::configuration("NATS_URL", &error.to_string());
    let servers = config
        .nats_url
        .expose()
        .split(',')
        .map(|url| url.trim().parse::<ServerAddr>())
        .collect::<Result<Vec<_>, _>>()
        .map_err(|error| malformed(&error))?;
    let (refusals, _) = broadcast::channel(REFUSALS);
    let refused = refusals.clone();
    let mut options = ConnectOptions::new();
    // The client library takes a login from its options, and overlooks the one in a URL.
    if let Some((user, password)) = servers.iter().find_map(|url| Some((url.username()?, url.password()?))) {
        options = options.user_and_password(user.to_owned(), password.to_owned());
    }
    let client = options
        .name(service)
        .custom_inbox_prefix(format!("_INBOX_{service}"))
        .retry_on_initial_connect()
        .request_timeout(Some(ANSWER))
        .ping_interval(Duration::from_secs(10))
        .reconnect_delay_callback(|attempts| Duration::from_millis(50 << attempts.min(5)))
        .event_callback(move |event| {
            note(event, &refused);
            std::future::ready(())
        })
        .connect(servers)
        .await
        .map_err(|error| malformed(&error))?;
    wait_a_moment_for(&client).await;
    let jetstream = ContextBuilder::new().timeout(ANSWER).ack_timeout(ANSWER).build(client.clone());
    let state = State { streams: AtomicBool::default(), has_answered: AtomicBool::default(), refusals };
    Ok(Broker { client, jetstream, replicas: usize::from(config.stream_replicas), state: Arc::new(state) })
}

fn note(event: async_nats::Event, refusals: &broadcast::Sender<String>) {
    match event {
        async_nats::Event::Connected => tracing::info!("broker answers"),
        async_nats::Event::Disconnected => tracing::warn!("broker is away, events wait in their documents"),
        async_nats::Event::ServerError(error) => {
            tracing::warn!(%error, "the broker refuses");
            // Nobody may be waiting for it.
            let _ = refusals.send(error.to_string());
        }
        other => tracing::debug!(event = %other, "broker"),
    }
}

/// As a rule the broker is there, and what follows need not begin with a failure.
async fn wait_a_moment_for(client: &Client) {
    let connected = async {
        while client.connection_state() != connection::State::Connected {
            sleep(Duration::from_millis(5)).await;
        }
    };
    if timeout(FIRST_CONTACT, connected).await.is_err() {
        tracing::warn!("the broker is away, events will wait in their documents");
    }
}

/// A message as the stream carries it: the event's own id, by which a second publish is dropped, its trace, its JSON.
pub fn message(id: &str, traceparent: &str, payload: impl Into<Bytes>) -> PublishMessage {
    let mut headers = HeaderMap::new();
    headers.insert("traceparent", traceparent);
    headers.insert(SCHEMA_VERSION_HEADER, SCHEMA_VERSION);
    PublishMessage::build().headers(headers).message_id(id).payload(payload.into())
}

impl Broker {
    /// Publishes an event that stands in no outbox, under the trace of the current task, and waits for the stream's ack.
    ///
    /// # Errors
    /// What the broker says; then the event may or may not be in the stream, and may be published again under the same id.
    pub async fn publish<E: Event>(&self, id: &str, event: &E) -> Result<(), String> {
        let payload = serde_json::to_vec(event).map_err(|error| error.to_string())?;
        let message = message(id, &TraceParent::current().to_string(), payload);
        let ack = self.jetstream.send_publish(E::SUBJECT, message).await.map_err(|error| error.to_string())?;
        ack.await.map_err(|error| error.to_string())?;
        counter!("events_published_total", "subject" => E::SUBJECT).increment(1);
        Ok(())
    }

    /// Waits until everything that was sent is out, but not for a broker that is away.
    pub async fn flush(&self) {
        if timeout(LAST_WORDS, self.client.flush()).await.is_err() {
            tracing::debug!("the broker did not take the last words");
        }
    }

    /// The stream's operations.
    pub fn jetstream(&self) -> &Context {
        &self.jetstream
    }

    /// Whether the broker answers and has the streams, which are created where they are missing.
    ///
    /// # Errors
    /// What is missing, for the operator's eyes.
    pub async fn ready(&self) -> Result<(), String> {
        if self.client.connection_state() != connection::State::Connected {
            return Err("not connected".to_owned());
        }
        if !self.state.streams.load(Ordering::Relaxed) {
            self.create_streams().await?;
            self.state.streams.store(true, Ordering::Relaxed);
            self.state.has_answered.store(true, Ordering::Relaxed);
        }
        Ok(())
    }

    /// What comes back from a request whose subject has this in it: the answer, or at once the broker's refusal of it, where
    /// the request itself would wait in vain until its limit.
    ///
    /// # Errors
    /// What the broker says.
    pub async fn answer<T, E: Display>(
        &self,
        subject: &str,
        request: impl IntoFuture<Output = Result<T, E>>,
    ) -> Result<T, String> {
        let mut refusals = self.state.refusals.subscribe();
        let refused = async {
            loop {
                match refusals.recv().await {
                    Ok(refusal) if refusal.contains(subject) => return refusal,
                    Ok(_) | Err(RecvError::Lagged(_)) => {}
                    // No more of them can come.
                    Err(RecvError::Closed) => std::future::pending().await,
                }
            }
        };
        tokio::select! {
            answer = request.into_future() => answer.map_err(|error| error.to_string()),
            refusal = refused => Err(refusal),
        }
    }

    /// Whether the broker has answered since the process began.
    pub fn has_answered(&self) -> bool {
        self.state.has_answered.load(Ordering::Relaxed)
    }

    /// Something failed that would not fail if the streams were there: look again before the next use.
    pub fn doubt_streams(&self) {
        self.state.streams.store(false, Ordering::Relaxed);
    }

    async fn create_streams(&self) -> Result<(), String> {
        for stream in streams(self.replicas) {
            let name = stream.name.clone();
            match self.jetstream.get_stream(&name).await {
                Ok(_) => {}
                Err(error) if is_missing(&error.kind()) => {
                    let created =
                        self.answer(&format!("STREAM.CREATE.{name}"), self.jetstream.create_stream(stream)).await;
                    created.map_err(|cause| format!("the stream {name} is missing and was not created: {cause}"))?;
                }
                Err(error) => return Err(format!("no word of the stream {name}: {error}")),
            }
        }
        Ok(())
    }
}

fn is_missing(stream: &GetStreamErrorKind) -> bool {
    matches!(stream, GetStreamErrorKind::JetStream(error) if error.error_code() == ErrorCode::STREAM_NOT_FOUND)
}
