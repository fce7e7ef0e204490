//! The broker: one connection, and the streams that every service relies on.

mod streams;

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use async_nats::jetstream::Context;
use async_nats::jetstream::context::ContextBuilder;
use async_nats::jetstream::message::PublishMessage;
use async_nats::jetstream::stream::RawMessageErrorKind;
use async_nats::{Client, ConnectOptions, HeaderMap, ServerAddr, connection};
use bytes::Bytes;
use opentelemetry::Context as TraceContext;
use rustls::pki_types::CertificateDer;
use rustls::pki_types::pem::PemObject;
use tokio::sync::watch;
use tokio::time::{Instant, sleep, timeout};

use crate::arrivals::Arrivals;
use crate::config::NatsConfig;
use crate::error::StartError;
use crate::events::{Event, SCHEMA_VERSION, SCHEMA_VERSION_HEADER, STREAM};
use crate::telemetry::messages::Publishing;

/// How long a call waits for the broker's answer.
const ANSWER: Duration = Duration::from_secs(5);

/// How long a starting service waits for the broker before it goes on without it.
const FIRST_CONTACT: Duration = Duration::from_secs(1);

/// Above this age of its oldest unhandled event a service counts as behind.
const BEHIND_AFTER: Duration = Duration::from_secs(2);

/// How long it counts what was seen of it: several times as long as the pause between two looks.
const LOOK_COUNTS_FOR: Duration = Duration::from_secs(6);

/// How long the last acks of a stopping process may take.
const FLUSH_LIMIT: Duration = Duration::from_secs(1);

/// The connection to NATS. Cheap to clone.
#[derive(Clone)]
pub struct Broker {
    client: Client,
    jetstream: Context,
    service: Arc<str>,
    state: Arc<State>,
}

struct State {
    config: NatsConfig,
    /// The streams were as wanted when last checked.
    streams: AtomicBool,
    /// When was last looked at what this service has not handled, and how old the oldest event was then.
    unhandled: Mutex<Option<(Instant, Duration)>>,
    /// How often the connection was made, or messages for a subscription were dropped.
    interruptions: watch::Sender<u64>,
    /// The second that has begun, and how often state was requested in it.
    asks: Mutex<Option<(Instant, u32)>>,
    arrivals: Arrivals,
}

/// A connection that is made in the background and made again whenever it breaks: sales go on while the broker is unavailable.
///
/// Answers come to inboxes that begin with `_INBOX_<service>`, so that a broker can keep each service out of the others'.
pub async fn connect(config: &NatsConfig, service: &str) -> Result<Broker, StartError> {
    let servers = config
        .nats_url
        .expose()
        .split(',')
        .map(|url| url.trim().parse::<ServerAddr>())
        .collect::<Result<Vec<_>, _>>()
        .map_err(|error| StartError::configuration("NATS_URL", error))?;
    let interruptions = watch::Sender::new(0);
    let interrupted = interruptions.clone();
    let mut options = ConnectOptions::new();
    // The client library takes a login from its options, and overlooks the one in a URL.
    if let Some((user, password)) = servers.iter().find_map(|url| Some((url.username()?, url.password()?))) {
        options = options.user_and_password(user.to_owned(), password.to_owned());
    }
    if let Some(authority) = &config.nats_ca_file.0 {
        // The client reads it for every connection, in the background. Here it is read to say at once what is wrong with it.
        CertificateDer::from_pem_file(authority).map_err(|error| StartError::configuration("NATS_CA_FILE", error))?;
        options = options.add_root_certificates(authority.clone()).require_tls(true);
    }
    let client = options
        .name(service)
        .custom_inbox_prefix(format!("_INBOX_{service}"))
        .retry_on_initial_connect()
        .request_timeout(Some(ANSWER))
        .ping_interval(Duration::from_secs(10))
        .reconnect_delay_callback(|attempts| Duration::from_millis(50 << attempts.min(5)))
        .event_callback(move |event| {
            if matches!(event, async_nats::Event::Connected | async_nats::Event::SlowConsumer(_)) {
                interrupted.send_modify(|count| *count += 1);
            }
            log(event);
            std::future::ready(())
        })
        .connect(servers)
        .await
        .map_err(|error| StartError::configuration("NATS_URL", error))?;
    wait_for_first_contact(&client).await;
    let jetstream = ContextBuilder::new().timeout(ANSWER).ack_timeout(ANSWER).build(client.clone());
    let state = State {
        config: config.clone(),
        streams: AtomicBool::new(false),
        unhandled: Mutex::default(),
        interruptions,
        asks: Mutex::default(),
        arrivals: Arrivals::default(),
    };
    Ok(Broker { client, jetstream, service: service.into(), state: Arc::new(state) })
}

fn log(event: async_nats::Event) {
    match event {
        async_nats::Event::Connected => tracing::info!("connected to the broker"),
        async_nats::Event::Disconnected => tracing::warn!("the broker is unavailable, events stay in their outboxes"),
        async_nats::Event::ServerError(error) => tracing::warn!(%error, "the broker refused a request"),
        other => tracing::debug!(event = %other, "broker"),
    }
}

/// Waits a short time for the connection, so that a normal start does not begin with a failed call.
async fn wait_for_first_contact(client: &Client) {
    let connected = async {
        while client.connection_state() != connection::State::Connected {
            sleep(Duration::from_millis(5)).await;
        }
    };
    if timeout(FIRST_CONTACT, connected).await.is_err() {
        tracing::warn!("the broker is unavailable, events will stay in their outboxes");
    }
}

/// A message as the stream carries it: the event's own id, by which a second publish is dropped, its span, its JSON.
pub fn message(id: &str, traceparent: &str, payload: impl Into<Bytes>) -> PublishMessage {
    let mut headers = HeaderMap::new();
    headers.insert("traceparent", traceparent);
    headers.insert(SCHEMA_VERSION_HEADER, SCHEMA_VERSION);
    PublishMessage::build().headers(headers).message_id(id).payload(payload.into())
}

impl Broker {
    /// Publishes an event that is in no outbox, in the trace of the current task, and waits for the stream's ack.
    ///
    /// After an error the event may or may not be in the stream, and may be published again under the same id.
    pub async fn publish<E: Event>(&self, id: &str, event: &E) -> Result<(), String> {
        let payload = serde_json::to_vec(event).map_err(|error| error.to_string())?;
        let publishing = Publishing::begin(E::SUBJECT, id, &TraceContext::current());
        let message = message(id, &publishing.traceparent(), payload);
        let acked = async { self.jetstream.send_publish(E::SUBJECT, message).await?.await.map(drop) }.await;
        publishing.end(acked.is_ok());
        acked.map_err(|error| error.to_string())
    }

    /// Waits until everything that was sent is out, but not for a broker that is unavailable.
    pub async fn flush(&self) {
        if timeout(FLUSH_LIMIT, self.client.flush()).await.is_err() {
            tracing::debug!("the last messages were not sent to the broker");
        }
    }

    /// The connection itself.
    pub fn client(&self) -> &Client {
        &self.client
    }

    /// The operations on streams.
    pub fn jetstream(&self) -> &Context {
        &self.jetstream
    }

    /// Whether the broker answers and has the streams. The first check creates or updates the streams.
    /// The error says what is missing, for the operator.
    pub async fn ready(&self) -> Result<(), String> {
        if !self.is_connected() {
            return Err("not connected".to_owned());
        }
        if !self.state.streams.load(Ordering::Relaxed) {
            for stream in streams::wanted(&self.state.config) {
                let name = stream.name.clone();
                if let Err(error) = self.jetstream.create_or_update_stream(stream).await {
                    let missing = |_| format!("the stream {name} is missing and was not created: {error}");
                    self.jetstream.get_stream(&name).await.map_err(missing)?;
                    tracing::warn!(%error, name, "the stream was not updated and is used as it is");
                }
            }
            self.state.streams.store(true, Ordering::Relaxed);
        }
        Ok(())
    }

    /// The service whose connection this is.
    pub fn service(&self) -> &str {
        &self.service
    }

    /// Whether there is a connection now.
    pub fn is_connected(&self) -> bool {
        self.client.connection_state() == connection::State::Connected
    }

    /// Changes whenever messages for a subscription may have been missed.
    pub fn interruptions(&self) -> watch::Receiver<u64> {
        self.state.interruptions.subscribe()
    }

    /// The server process that is connected: another one may have lost what the one before had acked.
    pub fn server_id(&self) -> String {
        self.client.server_info().server_id
    }

    /// Counts a request for state; false when there were so many in this second already.
    pub fn may_ask(&self, limit: u32) -> bool {
        let mut asks = self.state.asks.lock().unwrap_or_else(PoisonError::into_inner);
        let (began, count) =
            asks.filter(|(began, _)| began.elapsed() < Duration::from_secs(1)).unwrap_or((Instant::now(), 0));
        *asks = Some((began, count + 1));
        count < limit
    }

    /// Whose events are waited for.
    pub fn arrivals(&self) -> &Arrivals {
        &self.state.arrivals
    }

    /// Stores how old the oldest event is that this service has not handled; zero when it has handled all.
    pub fn set_oldest_unhandled(&self, age: Duration) {
        *self.state.unhandled.lock().unwrap_or_else(PoisonError::into_inner) = Some((Instant::now(), age));
    }

    /// Whether this service may not have handled everything that was published until some seconds ago: it is cut off from the broker, or
    /// events wait for it.
    pub fn is_behind(&self) -> bool {
        let seen = *self.state.unhandled.lock().unwrap_or_else(PoisonError::into_inner);
        let is_known = seen.is_some_and(|(at, age)| at.elapsed() < LOOK_COUNTS_FOR && age <= BEHIND_AFTER);
        !self.is_connected() || !is_known
    }

    /// Whether the stream of events holds this message, or has dropped it at its limits since.
    pub async fn holds(&self, sequence: u64, message_id: &str) -> Result<bool, String> {
        let stream = self.jetstream.get_stream(STREAM).await.map_err(|error| error.to_string())?;
        match stream.get_raw_message(sequence).await {
            Ok(message) => Ok(message.headers.get("Nats-Msg-Id").is_some_and(|id| id.as_str() == message_id)),
            Err(error) if matches!(error.kind(), RawMessageErrorKind::NoMessageFound) => {
                let state = &stream.cached_info().state;
                Ok(state.first_sequence > sequence && state.last_sequence >= sequence)
            }
            Err(error) => Err(error.to_string()),
        }
    }

    /// Checks the streams again before the next use: a call failed, perhaps because a stream is missing.
    pub fn recheck_streams(&self) {
        self.state.streams.store(false, Ordering::Relaxed);
    }
}
