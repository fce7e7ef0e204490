//! Dead letters: copies of messages that could not be handled, in a stream of their own, so that they block nobody and are
//! not lost.

use async_nats::HeaderMap;
use async_nats::jetstream::Context;
use async_nats::jetstream::message::PublishMessage;
use async_nats::jetstream::stream::{RawMessageErrorKind, Stream};
use bytes::Bytes;

use crate::timestamp::Timestamp;

/// The dead-letter stream.
pub const STREAM: &str = "DEAD_LETTERS";

/// Its subjects: `dead-letter.<service>.<original subject>`.
pub const SUBJECTS: &str = "dead-letter.>";

const SUBJECT_PREFIX: &str = "dead-letter.";
const HEADER_PREFIX: &str = "Dead-Letter-";
const REASON: &str = "Dead-Letter-Reason";
const STORED_AT: &str = "Dead-Letter-At";
const ORIGINAL_ID: &str = "Dead-Letter-Msg-Id";
const MESSAGE_ID: &str = "Nats-Msg-Id";

/// Headers that NATS itself adds or reads; a copy must not carry them.
const NATS_PREFIX: &str = "Nats-";

/// Why an operation on dead letters failed.
#[derive(Debug, thiserror::Error)]
pub enum DeadLetterError {
    /// The broker is unavailable, or refuses.
    #[error("the broker failed: {0}")]
    Broker(String),
    /// No dead letter has this number.
    #[error("there is no dead letter {0}")]
    NotFound(u64),
}

fn broker(error: impl std::fmt::Display) -> DeadLetterError {
    DeadLetterError::Broker(error.to_string())
}

/// A message that could not be handled.
#[derive(Clone, Debug)]
pub struct DeadLetter {
    /// Its number in the dead-letter stream, by which it is replayed or dropped.
    pub number: u64,
    /// The service that could not handle it.
    pub service: String,
    /// Where it was published.
    pub subject: String,
    /// Why it could not be handled.
    pub reason: String,
    /// When it was stored.
    pub at: String,
    /// The message.
    pub payload: Bytes,
    headers: HeaderMap,
}

/// Stores a copy of a message: `sequence` is its number in the stream that delivered it. Returns after the broker's ack.
pub async fn store(
    jetstream: &Context,
    service: &str,
    sequence: u64,
    message: &async_nats::Message,
    reason: &str,
) -> Result<(), DeadLetterError> {
    let mut headers = message.headers.as_ref().map(|headers| without(headers, NATS_PREFIX)).unwrap_or_default();
    if let Some(id) = message.headers.as_ref().and_then(|headers| headers.get(MESSAGE_ID)) {
        headers.insert(ORIGINAL_ID, id.clone());
    }
    // One line: a header must not hold a line break.
    headers.insert(REASON, reason.split_whitespace().collect::<Vec<_>>().join(" "));
    headers.insert(STORED_AT, Timestamp::now().to_string());
    // Two services may fail at the same event, and a replayed one may fail again: each copy is a message of its own.
    let id = format!("{service}-{sequence}");
    publish(jetstream, format!("{SUBJECT_PREFIX}{service}.{}", message.subject), headers, id, &message.payload).await
}

async fn publish(
    jetstream: &Context,
    subject: String,
    headers: HeaderMap,
    id: String,
    payload: &Bytes,
) -> Result<(), DeadLetterError> {
    let message = PublishMessage::build().headers(headers).message_id(id).payload(payload.clone());
    jetstream.send_publish(subject, message).await.map_err(broker)?.await.map_err(broker)?;
    Ok(())
}

fn without(headers: &HeaderMap, prefix: &str) -> HeaderMap {
    let mut kept = HeaderMap::new();
    for (name, values) in headers.iter().filter(|(name, _)| !name.to_string().starts_with(prefix)) {
        for value in values {
            kept.append(name.clone(), value.clone());
        }
    }
    kept
}

/// Every dead letter, oldest first.
pub async fn list(jetstream: &Context) -> Result<Vec<DeadLetter>, DeadLetterError> {
    let mut stream = jetstream.get_stream(STREAM).await.map_err(broker)?;
    let state = stream.info().await.map_err(broker)?.state.clone();
    let mut letters = Vec::new();
    if state.messages > 0 {
        for number in state.first_sequence..=state.last_sequence {
            match read(&stream, number).await {
                Ok(letter) => letters.push(letter),
                // Replayed or dropped since.
                Err(DeadLetterError::NotFound(_)) => {}
                Err(error) => return Err(error),
            }
        }
    }
    Ok(letters)
}

/// One dead letter.
pub async fn show(jetstream: &Context, number: u64) -> Result<DeadLetter, DeadLetterError> {
    read(&jetstream.get_stream(STREAM).await.map_err(broker)?, number).await
}

async fn read(stream: &Stream, number: u64) -> Result<DeadLetter, DeadLetterError> {
    let message = stream.get_raw_message(number).await.map_err(|error| match error.kind() {
        RawMessageErrorKind::NoMessageFound => DeadLetterError::NotFound(number),
        _ => broker(error),
    })?;
    let header = |name: &str| message.headers.get(name).map(|value| value.to_string()).unwrap_or_default();
    let subject = message.subject.as_str();
    let (service, subject) =
        subject.strip_prefix(SUBJECT_PREFIX).and_then(|subject| subject.split_once('.')).unwrap_or(("", subject));
    Ok(DeadLetter {
        number,
        service: service.to_owned(),
        subject: subject.to_owned(),
        reason: header(REASON),
        at: header(STORED_AT),
        payload: message.payload.clone(),
        headers: message.headers.clone(),
    })
}

/// Publishes a dead letter again, and drops it. Every service that listens to its subject handles it once more, which is
/// harmless: listeners ignore what is older than what they know. When it fails, the dead letter stays.
pub async fn replay(jetstream: &Context, number: u64) -> Result<(), DeadLetterError> {
    let letter = show(jetstream, number).await?;
    let original_id = letter.headers.get(ORIGINAL_ID).map(|id| id.to_string()).unwrap_or_default();
    let headers = without(&without(&letter.headers, NATS_PREFIX), HEADER_PREFIX);
    // The stream would drop the event's own id as a duplicate.
    let id = format!("{original_id}-replay-{number}");
    publish(jetstream, letter.subject, headers, id, &letter.payload).await?;
    drop_message(jetstream, number).await
}

/// Drops a dead letter for good.
pub async fn drop_message(jetstream: &Context, number: u64) -> Result<(), DeadLetterError> {
    show(jetstream, number).await?;
    let stream = jetstream.get_stream(STREAM).await.map_err(broker)?;
    stream.delete_message(number).await.map_err(broker)?;
    Ok(())
}
