use std::time::Duration;

use async_nats::jetstream::consumer::{Config, pull};
use common::events::{Event, STREAM};
use common::id::Id;
use common::nats::{self, Broker};
use common::testing::eventually;

use crate::counter::{Counted, Ground};
use crate::ear::{Ear, NAME};
use crate::guarded::{Guarded, publish};
use crate::log::Log;

const ACK_WAIT: Duration = Duration::from_secs(30);

fn event(version: i32) -> Counted {
    Counted { id: Id::generate(), version }
}

/// What the service wants, as a Job on a cluster makes it.
fn wanted(broker: &Broker) -> pull::Config {
    Ear::content().listeners(broker, ACK_WAIT).consumer()
}

async fn found(broker: &Broker) -> Config {
    broker.jetstream().get_stream(STREAM).await.unwrap().consumer_info(NAME).await.unwrap().config
}

#[tokio::test]
async fn a_consumer_that_is_as_wanted_is_used_as_it_is() {
    let ground = Ground::new().await;
    let broker = ground.stream.broker();
    let described = pull::Config { description: Some("somebody's".to_owned()), ..wanted(broker) };
    broker.jetstream().create_consumer_on_stream(described, STREAM).await.unwrap();
    let ear = Ear::content();
    let _listening = ear.listen(broker);
    ground.stream.publish(&event(0)).await;
    ear.wait_for_handled(1).await;
    assert_eq!(found(broker).await.description.as_deref(), Some("somebody's"));
}

#[tokio::test]
async fn a_consumer_of_an_older_version_is_brought_up_to_date() {
    let ground = Ground::new().await;
    let broker = ground.stream.broker();
    for older in [
        pull::Config { filter_subjects: vec!["ticket.older".to_owned()], ..wanted(broker) },
        pull::Config { ack_wait: ACK_WAIT / 2, ..wanted(broker) },
        pull::Config { max_ack_pending: 1, ..wanted(broker) },
    ] {
        broker.jetstream().create_consumer_on_stream(older, STREAM).await.unwrap();
        let ear = Ear::content();
        let listening = ear.listen(broker);
        ground.stream.publish(&event(0)).await;
        ear.wait_for_handled(1).await;
        listening.stop().await;
        let found = found(broker).await;
        let subjects: Vec<&str> =
            found.filter_subjects.iter().chain([&found.filter_subject]).map(String::as_str).collect();
        assert!(subjects.contains(&Counted::SUBJECT), "{subjects:?}");
        assert_eq!((found.ack_wait, found.max_ack_pending), (ACK_WAIT, wanted(broker).max_ack_pending));
    }
}

#[tokio::test]
async fn a_service_that_may_change_nothing_uses_what_was_made_for_it() {
    let guarded = Guarded::start().await;
    let ops = guarded.connect("ops").await;
    for stream in nats::streams(1) {
        ops.jetstream().create_stream(stream).await.unwrap();
    }
    ops.jetstream().create_consumer_on_stream(wanted(&ops), STREAM).await.unwrap();
    let broker = guarded.connect(NAME).await;
    let ear = Ear::content();
    let listening = ear.listen(&broker);
    let event = event(0);
    publish(&broker, &event).await;
    assert_eq!(ear.wait_for_handled(1).await, [event]);
    listening.stop().await;
}

#[tokio::test]
async fn what_is_missing_and_may_not_be_made_is_named_and_used_once_it_is_there() {
    let guarded = Guarded::start().await;
    let ops = guarded.connect("ops").await;
    let log = Log::begin();
    let broker = guarded.connect(NAME).await;
    let ear = Ear::content();
    let listening = ear.listen(&broker);
    let refused = "the broker refuses error=nats: Permissions Violation for Publish to";
    log.says(&format!("{refused} \"$JS.API.STREAM.CREATE.TICKETING\"")).await;
    log.says("the stream TICKETING is missing and was not created: nats: Permissions Violation").await;
    for stream in nats::streams(1) {
        ops.jetstream().create_stream(stream).await.unwrap();
    }
    let missing = "the consumer ear of the stream TICKETING is missing, which this service did not change";
    log.says(&format!("{missing}: nats: Permissions Violation")).await;
    ops.jetstream().create_consumer_on_stream(wanted(&ops), STREAM).await.unwrap();
    eventually("the service listens", async || {
        publish(&broker, &event(0)).await;
        (!ear.handled().is_empty()).then_some(())
    })
    .await;
    listening.stop().await;
}

#[tokio::test]
async fn a_consumer_that_is_different_and_may_not_be_changed_is_named_and_used_as_it_is() {
    let guarded = Guarded::start().await;
    let ops = guarded.connect("ops").await;
    for stream in nats::streams(1) {
        ops.jetstream().create_stream(stream).await.unwrap();
    }
    let older = pull::Config { ack_wait: ACK_WAIT / 2, ..wanted(&ops) };
    ops.jetstream().create_consumer_on_stream(older, STREAM).await.unwrap();
    let log = Log::begin();
    let broker = guarded.connect(NAME).await;
    let ear = Ear::content();
    let listening = ear.listen(&broker);
    log.says("the consumer ear of the stream TICKETING is different (ack wait 15s instead of 30s), which").await;
    let event = event(0);
    publish(&broker, &event).await;
    assert_eq!(ear.wait_for_handled(1).await, [event]);
    listening.stop().await;
}
