//! The other services, as far as a service can tell: somebody who publishes events and reads them.

use async_nats::jetstream::Message;
use async_nats::jetstream::consumer::DeliverPolicy;
use async_nats::jetstream::consumer::{AckPolicy, pull};
use async_nats::jetstream::message::PublishMessage;
use async_nats::jetstream::stream::Stream as JetStream;
use async_nats::{Error, HeaderMap};
use futures::StreamExt;
use infra_local::Nats;
use tokio::sync::Mutex;

use super::{broker, eventually};
use crate::events::{Event, STREAM};
use crate::id::Id;
use crate::nats::Broker;
use crate::timestamp::Timestamp;

/// The stream `TICKETING` of a test.
pub struct Stream {
    broker: Broker,
    /// What was read of it so far: tests look again and again.
    log: Mutex<Vec<Message>>,
}

/// A message as it stands in the stream.
#[derive(Debug)]
pub struct Published<E> {
    /// The event.
    pub event: E,
    /// Its headers.
    pub headers: HeaderMap,
    /// When the stream took it.
    pub at: Timestamp,
}

impl Stream {
    /// Connects to the test's JetStream and waits for its streams.
    pub async fn open(nats: &Nats) -> Self {
        let broker = broker(nats).await;
        eventually("the broker answers", async || broker.ready().await.ok()).await;
        Self { broker, log: Mutex::default() }
    }

    /// The connection.
    pub fn broker(&self) -> &Broker {
        &self.broker
    }

    /// Publishes an event as a service would, under an id of its own.
    pub async fn publish<E: Event>(&self, event: &E) {
        let payload = serde_json::to_vec(event).expect("an event serialises");
        self.publish_raw(E::SUBJECT, &payload).await;
    }

    /// Publishes any bytes.
    pub async fn publish_raw(&self, subject: &str, payload: &[u8]) {
        let message = PublishMessage::build().message_id(Id::generate().to_string()).payload(payload.to_vec().into());
        let ack = self.broker.jetstream().send_publish(subject.to_owned(), message).await.expect("it is sent");
        ack.await.expect("it is acked");
    }

    /// All events of one kind that were published so far, oldest first.
    pub async fn published<E: Event>(&self) -> Vec<E> {
        self.messages().await.into_iter().map(|published| published.event).collect()
    }

    /// The same with their headers.
    pub async fn messages<E: Event>(&self) -> Vec<Published<E>> {
        let mut log = self.log.lock().await;
        self.read_on(&mut log).await;
        let of_its_kind = log.iter().filter(|message| message.subject.as_str() == E::SUBJECT);
        of_its_kind
            .map(|message| {
                let published = message.info().expect("its place in the stream").published;
                Published {
                    event: serde_json::from_slice(&message.payload).expect("an event of its kind"),
                    headers: message.headers.clone().unwrap_or_default(),
                    at: Timestamp::from_millis((published.unix_timestamp_nanos() / 1_000_000) as i64),
                }
            })
            .collect()
    }

    /// Appends what was published since the log was read.
    async fn read_on(&self, log: &mut Vec<Message>) {
        let stream = self.stream().await;
        if stream.cached_info().state.last_sequence < log.last().map_or(0, number) {
            // The broker came back without its data.
            log.clear();
        }
        let read = log.last().map_or(0, number);
        let append = |message| {
            log.push(message);
            Ok(())
        };
        read_after(&stream, read, append).await.expect("the stream can be read");
    }

    /// Waits until so many events of one kind were published that pass the test.
    pub async fn wait_for<E: Event>(&self, count: usize, wanted: impl Fn(&E) -> bool) -> Vec<E> {
        let what = format!("{count} events {} of the wanted kind", E::SUBJECT);
        eventually(&what, async || {
            let found: Vec<E> = self.published().await.into_iter().filter(|event| wanted(event)).collect();
            (found.len() >= count).then_some(found)
        })
        .await
    }

    /// Waits until a service has handled everything that was published, or made a dead letter of it.
    pub async fn wait_until_handled(&self, service: &str) {
        let stream = self.stream().await;
        eventually(&format!("{service} has handled everything"), async || {
            let mut log = self.log.lock().await;
            self.read_on(&mut log).await;
            let last = |subject: &str| log.iter().rfind(|message| message.subject.as_str() == subject).map(number);
            has_handled(&stream, service, last).await.ok()?.then_some(())
        })
        .await;
    }

    async fn stream(&self) -> JetStream {
        self.broker.jetstream().get_stream(STREAM).await.expect("the stream")
    }
}

/// Hands on each message after this number, up to the present end of the stream. Returns the number of the last.
pub async fn read_after(
    stream: &JetStream,
    mut number_read: u64,
    mut each: impl FnMut(Message) -> Result<(), Error>,
) -> Result<u64, Error> {
    let state = &stream.cached_info().state;
    if state.messages == 0 || number_read >= state.last_sequence {
        return Ok(number_read);
    }
    let deliver_policy = DeliverPolicy::ByStartSequence { start_sequence: number_read + 1 };
    // Not an ordered consumer: on a cluster its first messages are lost now and then.
    let config = pull::Config { deliver_policy, ack_policy: AckPolicy::None, ..pull::Config::default() };
    let mut messages = stream.create_consumer(config).await?.messages().await?;
    while number_read < state.last_sequence {
        let message = messages.next().await.ok_or("the stream ends too early")??;
        number_read = number(&message);
        each(message)?;
    }
    Ok(number_read)
}

/// Whether a service has handled everything that concerns it; `last` is the number of a subject's last message.
pub async fn has_handled(stream: &JetStream, service: &str, last: impl Fn(&str) -> Option<u64>) -> Result<bool, Error> {
    let consumer = stream.consumer_info(service).await?;
    // How much is pending the broker counts a moment after it has taken a message; the floor of the acks is exact.
    let last = consumer.config.filter_subjects.iter().filter_map(|subject| last(subject)).max();
    Ok(consumer.num_ack_pending == 0 && last.is_none_or(|last| consumer.ack_floor.stream_sequence >= last))
}

fn number(message: &Message) -> u64 {
    message.info().expect("its place in the stream").stream_sequence
}
