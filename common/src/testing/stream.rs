//! The other services, as far as a service can tell: somebody who publishes events and hears them.

use async_nats::HeaderMap;
use async_nats::jetstream::consumer::DeliverPolicy;
use async_nats::jetstream::consumer::pull::OrderedConfig;
use async_nats::jetstream::message::PublishMessage;
use async_nats::jetstream::stream::Stream as JetStream;
use futures::StreamExt;
use infra_local::Nats;

use super::{broker, eventually};
use crate::events::{Event, STREAM};
use crate::id::Id;
use crate::nats::Broker;
use crate::timestamp::Timestamp;

/// The stream `TICKETING` of a test.
pub struct Stream(Broker);

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
        Self(broker)
    }

    /// The connection.
    pub fn broker(&self) -> &Broker {
        &self.0
    }

    /// Publishes an event as a service would, under an id of its own.
    pub async fn publish<E: Event>(&self, event: &E) {
        let payload = serde_json::to_vec(event).expect("an event serialises");
        self.publish_raw(E::SUBJECT, &payload).await;
    }

    /// Publishes any bytes.
    pub async fn publish_raw(&self, subject: &str, payload: &[u8]) {
        let message = PublishMessage::build().message_id(Id::generate().to_string()).payload(payload.to_vec().into());
        let ack = self.0.jetstream().send_publish(subject.to_owned(), message).await.expect("it is sent");
        ack.await.expect("it is acked");
    }

    /// All events of one kind that were published so far, oldest first.
    pub async fn published<E: Event>(&self) -> Vec<E> {
        self.messages().await.into_iter().map(|published| published.event).collect()
    }

    /// The same with their headers.
    pub async fn messages<E: Event>(&self) -> Vec<Published<E>> {
        let stream = self.stream().await;
        let config = OrderedConfig {
            filter_subject: E::SUBJECT.to_owned(),
            deliver_policy: DeliverPolicy::All,
            ..OrderedConfig::default()
        };
        let mut consumer = stream.create_consumer(config).await.expect("a consumer");
        let pending = consumer.info().await.expect("its state").num_pending;
        if pending == 0 {
            return Vec::new();
        }
        let messages = consumer.messages().await.expect("messages").take(usize::try_from(pending).expect("a few"));
        messages
            .map(|message| {
                let message = message.expect("a message");
                let published = message.info().expect("its place in the stream").published;
                Published {
                    event: serde_json::from_slice(&message.payload).expect("an event of its kind"),
                    headers: message.headers.clone().unwrap_or_default(),
                    at: Timestamp::from_millis(published.unix_timestamp_nanos() as i64 / 1_000_000),
                }
            })
            .collect()
            .await
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

    /// Waits until a service has handled, parked or refused everything that was published.
    pub async fn wait_until_heard(&self, service: &str) {
        let stream = self.stream().await;
        eventually(&format!("{service} has heard everything"), async || {
            let info = stream.consumer_info(service).await.ok()?;
            (info.num_pending == 0 && info.num_ack_pending == 0).then_some(())
        })
        .await;
    }

    async fn stream(&self) -> JetStream {
        self.0.jetstream().get_stream(STREAM).await.expect("the stream")
    }
}
