//! Messages that could not be handled: copied to the stream `PARKED`, so that they block nobody and are not lost.

use async_nats::HeaderMap;
use async_nats::jetstream::Context;
use async_nats::jetstream::message::PublishMessage;
use async_nats::jetstream::stream::Stream;
use bytes::Bytes;

use crate::timestamp::Timestamp;

/// The stream of parked messages.
pub const STREAM: &str = "PARKED";

/// Its subjects: `parked.<service>.<original subject>`.
pub const SUBJECTS: &str = "parked.>";

const PREFIX: &str = "parked.";
const REASON: &str = "Parked-Reason";
const PARKED_AT: &str = "Parked-At";
const ORIGINAL_ID: &str = "Parked-Msg-Id";
const MESSAGE_ID: &str = "Nats-Msg-Id";

/// Headers that NATS itself adds or reads; what is sent on must not carry them.
const NATS_HEADERS: &str = "Nats-";

/// Why an operation on parked messages failed.
#[derive(Debug, thiserror::Error)]
pub enum ParkedError {
    /// The broker is away, or says no.
    #[error("the broker failed: {0}")]
    Broker(String),
    /// No message is parked under this number.
    #[error("no message is parked under number {0}")]
    NoSuchMessage(u64),
}

fn broker(error: impl std::fmt::Display) -> ParkedError {
    ParkedError::Broker(error.to_string())
}

/// A parked message.
#[derive(Clone, Debug)]
pub struct Parked {
    /// Its number in the stream `PARKED`, by which it is replayed or dropped.
    pub number: u64,
    /// The service that could not handle it.
    pub service: String,
    /// Where it was published.
    pub subject: String,
    /// What the service said against it.
    pub reason: String,
    /// When it was parked.
    pub at: String,
    /// The message.
    pub payload: Bytes,
    headers: HeaderMap,
}

/// Parks a message: `delivery` is its number in the stream that delivered it.
///
/// # Errors
/// When the broker did not ack the copy.
pub async fn park(
    jetstream: &Context,
    service: &str,
    delivery: u64,
    message: &async_nats::Message,
    reason: &str,
) -> Result<(), ParkedError> {
    let mut headers = without_nats_headers(message.headers.as_ref());
    if let Some(id) = message.headers.as_ref().and_then(|headers| headers.get(MESSAGE_ID)) {
        headers.insert(ORIGINAL_ID, id.clone());
    }
    // One line: a header must not hold a line break.
    headers.insert(REASON, reason.split_whitespace().collect::<Vec<_>>().join(" "));
    headers.insert(PARKED_AT, Timestamp::now().to_string());
    let copy = PublishMessage::build()
        .headers(headers)
        // Two services may park the same event, and a replayed one may be parked again: each is a message of its own.
        .message_id(format!("{service}-{delivery}"))
        .payload(message.payload.clone());
    let ack = jetstream.send_publish(format!("{PREFIX}{service}.{}", message.subject), copy).await.map_err(broker)?;
    ack.await.map_err(broker)?;
    Ok(())
}

fn without_nats_headers(headers: Option<&HeaderMap>) -> HeaderMap {
    let mut kept = HeaderMap::new();
    for (name, values) in headers.into_iter().flat_map(HeaderMap::iter) {
        if !name.to_string().starts_with(NATS_HEADERS) {
            for value in values {
                kept.append(name.clone(), value.clone());
            }
        }
    }
    kept
}

/// Every parked message, oldest first.
///
/// # Errors
/// When the broker fails.
pub async fn list(jetstream: &Context) -> Result<Vec<Parked>, ParkedError> {
    let mut stream = jetstream.get_stream(STREAM).await.map_err(broker)?;
    let state = stream.info().await.map_err(broker)?.state.clone();
    let mut parked = Vec::new();
    if state.messages > 0 {
        for number in state.first_sequence..=state.last_sequence {
            match read(&stream, number).await {
                Ok(message) => parked.push(message),
                // Replayed or dropped since.
                Err(ParkedError::NoSuchMessage(_)) => {}
                Err(error) => return Err(error),
            }
        }
    }
    Ok(parked)
}

/// One parked message.
///
/// # Errors
/// When there is none under this number, or the broker fails.
pub async fn show(jetstream: &Context, number: u64) -> Result<Parked, ParkedError> {
    read(&jetstream.get_stream(STREAM).await.map_err(broker)?, number).await
}

async fn read(stream: &Stream, number: u64) -> Result<Parked, ParkedError> {
    use async_nats::jetstream::stream::RawMessageErrorKind;
    let message = stream.get_raw_message(number).await.map_err(|error| match error.kind() {
        RawMessageErrorKind::NoMessageFound => ParkedError::NoSuchMessage(number),
        _ => broker(error),
    })?;
    let header = |name: &str| message.headers.get(name).map(|value| value.to_string()).unwrap_or_default();
    let parked_subject = message.subject.as_str();
    let (service, subject) =
        parked_subject.strip_prefix(PREFIX).unwrap_or(parked_subject).split_once('.').unwrap_or_default();
    Ok(Parked {
        number,
        service: service.to_owned(),
        subject: subject.to_owned(),
        reason: header(REASON),
        at: header(PARKED_AT),
        payload: message.payload.clone(),
        headers: message.headers.clone(),
    })
}

/// Publishes a parked message again, and drops it. Every listener of its subject hears it, which is
/// harmless: each has been told before, or ignores what is older than it knows.
///
/// # Errors
/// When there is none under this number, or the broker fails; then it stays parked.
pub async fn replay(jetstream: &Context, number: u64) -> Result<(), ParkedError> {
    let parked = show(jetstream, number).await?;
    let id = parked.headers.get(ORIGINAL_ID).map(|id| id.to_string()).unwrap_or_default();
    let mut headers = HeaderMap::new();
    for (name, values) in without_nats_headers(Some(&parked.headers)).iter() {
        if !name.to_string().starts_with("Parked-") {
            for value in values {
                headers.append(name.clone(), value.clone());
            }
        }
    }
    let again = PublishMessage::build()
        .headers(headers)
        // The stream would drop the event's own id as a duplicate.
        .message_id(format!("{id}-replay-{number}"))
        .payload(parked.payload);
    let ack = jetstream.send_publish(parked.subject, again).await.map_err(broker)?;
    ack.await.map_err(broker)?;
    drop_message(jetstream, number).await
}

/// Drops a parked message for good.
///
/// # Errors
/// When there is none under this number, or the broker fails.
pub async fn drop_message(jetstream: &Context, number: u64) -> Result<(), ParkedError> {
    show(jetstream, number).await?;
    let stream = jetstream.get_stream(STREAM).await.map_err(broker)?;
    stream.delete_message(number).await.map_err(broker)?;
    Ok(())
}
