use std::collections::HashSet;

use common::events::Event;
use common::id::Id;
use common::mongo::Aggregate;
use common::nats;
use common::outbox::{Entry, Pending};
use common::telemetry;
use common::testing::{self, Stream, eventually};
use futures::StreamExt;
use futures::future::join_all;
use futures::stream;
use infra_local::{Home, Nats};
use mongodb::bson::oid::ObjectId;
use mongodb::bson::{Document, doc, serialize_to_bson};
use opentelemetry::trace::FutureExt as _;

use crate::counter::{Counted, Counter, RunningRelay, Servers, count, insert};

const TRACE: &str = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01";

/// The events of the stream, without looking at their order.
async fn published(stream: &Stream) -> HashSet<(Id, i32)> {
    let distinct = published_at_least_once(stream).await;
    assert_eq!(distinct.len(), stream.published::<Counted>().await.len(), "an event stands in the stream twice");
    distinct
}

/// The same where a broker came back, and what it may have lost is published again.
async fn published_at_least_once(stream: &Stream) -> HashSet<(Id, i32)> {
    stream.published::<Counted>().await.iter().map(|event| (event.id, event.version)).collect()
}

#[tokio::test]
async fn events_are_published_in_order_with_their_headers_and_leave_the_document() {
    let servers = Servers::new().await;
    let (counters, _relay) = servers.counters().await;
    let work = async {
        let counter = insert(&counters).await;
        for _ in 0..5 {
            count(&counters, counter.id).await.unwrap();
        }
    };
    work.with_context(telemetry::parent(TRACE)).await;
    servers.db_outboxes_empty().await;
    let messages = servers.stream.messages::<Counted>().await;
    assert_eq!(messages.iter().map(|message| message.event.version).collect::<Vec<_>>(), [0, 1, 2, 3, 4, 5]);
    let mut ids = HashSet::new();
    for message in &messages {
        let header = |name: &str| message.headers.get(name).unwrap().to_string();
        assert!(ids.insert(header("Nats-Msg-Id").parse::<Id>().unwrap()));
        assert_eq!(header("Schema-Version"), "1");
        assert_eq!(header("traceparent").split('-').nth(1).unwrap(), "0af7651916cd43dd8448eb211c80319c");
    }
}

#[tokio::test]
async fn an_event_is_sent_once_although_its_document_changes_before_it_leaves_it() {
    let servers = Servers::new().await;
    let (counters, _relay) = servers.counters().await;
    let client = servers.stream.broker().client();
    let mut sent = client.subscribe(Counted::SUBJECT).await.unwrap();
    client.flush().await.unwrap();
    let counter = insert(&counters).await;
    for _ in 0..5 {
        count(&counters, counter.id).await.unwrap();
    }
    servers.db_outboxes_empty().await;
    // Whatever was sent before arrives before the answer to this.
    client.flush().await.unwrap();
    sent.unsubscribe().await.unwrap();
    let sent: Vec<i32> =
        sent.map(|message| serde_json::from_slice::<Counted>(&message.payload).unwrap().version).collect().await;
    assert_eq!(sent, [0, 1, 2, 3, 4, 5]);
}

#[tokio::test]
async fn a_relay_that_died_between_write_and_publish_leaves_its_events_to_the_next() {
    let servers = Servers::new().await;
    let counters = servers.counters_without_relay().await;
    let counter = insert(&counters).await;
    for _ in 0..3 {
        count(&counters, counter.id).await.unwrap();
    }
    assert!(servers.stream.published::<Counted>().await.is_empty());
    let (_outbox, next) = servers.relay().await;
    let _next = RunningRelay::start(next);
    servers.db_outboxes_empty().await;
    let versions: Vec<i32> =
        servers.stream.published::<Counted>().await.into_iter().map(|event| event.version).collect();
    assert_eq!(versions, [0, 1, 2, 3]);
}

#[tokio::test]
async fn a_relay_that_died_between_publish_and_clearing_up_has_its_events_published_once() {
    let servers = Servers::new().await;
    let counters = servers.counters_without_relay().await;
    let counter = insert(&counters).await;
    count(&counters, counter.id).await.unwrap();
    // What the relay had done when it died.
    for entry in servers.db_counter(counter.id).await.get_array("outbox").unwrap() {
        let text = |name: &str| entry.as_document().unwrap().get_str(name).unwrap().to_owned();
        let message = nats::message(&text("id"), &text("traceparent"), text("payload"));
        let ack = servers.stream.broker().jetstream().send_publish(Counted::SUBJECT, message).await.unwrap();
        assert!(!ack.await.unwrap().duplicate);
    }
    let (_outbox, next) = servers.relay().await;
    let _next = RunningRelay::start(next);
    servers.db_outboxes_empty().await;
    assert_eq!(published(&servers.stream).await, HashSet::from([(counter.id, 0), (counter.id, 1)]));
}

#[tokio::test]
async fn while_the_broker_is_away_writes_go_on_and_their_events_follow() {
    let servers = Servers::new().await;
    // Two replicas: both sweep, and none waits for the other.
    let (counters, _relay) = servers.counters().await;
    let (_, _other) = servers.counters().await;
    let before = insert(&counters).await;
    servers.db_outboxes_empty().await;
    servers.nats.kill().await.unwrap();
    let mut expected = HashSet::from([(before.id, 0)]);
    for _ in 0..30 {
        let counter = insert(&counters).await;
        let counter = count(&counters, counter.id).await.unwrap();
        expected.extend([(counter.id, 0), (counter.id, 1)]);
    }
    servers.nats.restart().await.unwrap();
    servers.db_outboxes_empty().await;
    assert_eq!(published_at_least_once(&servers.stream).await, expected);
}

#[tokio::test]
async fn a_broker_that_lost_its_data_gets_its_streams_and_the_state_of_what_it_had() {
    let servers = Servers::new().await;
    let (counters, _relay) = servers.counters().await;
    let before = insert(&counters).await;
    servers.db_outboxes_empty().await;
    let port = servers.nats.url().rsplit(':').next().unwrap().parse().unwrap();
    servers.nats.kill().await.unwrap();
    let after = insert(&counters).await;
    let empty = Nats::start(Home::Temporary, Some(port)).await.unwrap();
    let stream = Stream::open(&empty).await;
    eventually("both are there", async || {
        (published_at_least_once(&stream).await == HashSet::from([(before.id, 0), (after.id, 0)])).then_some(())
    })
    .await;
}

#[tokio::test]
async fn what_does_not_fit_into_the_queue_is_published_as_well() {
    let servers = Servers::new().await;
    let (outbox, relay) = servers.relay().await;
    let counters = common::mongo::Store::new(&servers.database, outbox.clone());
    let first = insert(&counters).await;
    // More than any queue holds, of documents that have nothing to say.
    for _ in 0..10_000 {
        outbox.hand(Pending { document: ObjectId::new(), outbox: Vec::new() });
    }
    let mut expected = HashSet::from([(first.id, 0)]);
    for counter in join_all((0..100).map(|_| insert(&counters))).await {
        expected.insert((counter.id, 0));
    }
    let _relay = RunningRelay::start(relay);
    servers.db_outboxes_empty().await;
    assert_eq!(published(&servers.stream).await, expected);
}

#[tokio::test]
async fn more_events_than_the_client_leaves_unacked_are_published_from_one_document() {
    let servers = Servers::new().await;
    let counters = servers.counters_without_relay().await;
    let counter = insert(&counters).await;
    let entries = (1..=6_000).map(|version| Entry::new(&Counted { id: counter.id, version }).unwrap());
    let entries: Vec<_> = entries.map(|entry| serialize_to_bson(&entry).unwrap()).collect();
    let documents = servers.database.collection::<Document>(Counter::COLLECTION);
    documents.update_one(doc! {}, doc! {"$push": {"outbox": {"$each": entries}}}).await.unwrap();
    let (_outbox, relay) = servers.relay().await;
    let _relay = RunningRelay::start(relay);
    servers.db_outboxes_empty().await;
    assert_eq!(published(&servers.stream).await.len(), 6_001);
}

#[tokio::test]
async fn a_relay_that_stops_publishes_first_what_was_handed_over() {
    let servers = Servers::new().await;
    let (counters, relay) = servers.counters().await;
    let inserted: Vec<_> = stream::iter(0..300).map(|_| insert(&counters)).buffer_unordered(32).collect().await;
    relay.stop().await;
    assert_eq!(published(&servers.stream).await, inserted.into_iter().map(|counter| (counter.id, 0)).collect());
}

#[tokio::test]
async fn an_event_outside_any_document_is_published_once_under_its_id() {
    let servers = Servers::new().await;
    let event = Counted { id: Id::generate(), version: 7 };
    let broker = testing::broker(&servers.nats).await;
    eventually("the broker answers", async || broker.ready().await.ok()).await;
    for _ in 0..2 {
        broker.publish("its-id", &event).await.unwrap();
    }
    let messages = servers.stream.messages::<Counted>().await;
    assert_eq!(messages.len(), 1);
    assert_eq!(messages[0].headers.get("Nats-Msg-Id").unwrap().as_str(), "its-id");
}
