use std::time::Duration;

use async_nats::jetstream::consumer::{Config, DeliverPolicy, pull};
use async_nats::jetstream::stream;
use common::config::NatsConfig;
use common::events::{Event, STREAM};
use common::id::Id;
use common::nats::{self, Broker};
use common::testing::{self, eventually};

use crate::counter::{Counted, Servers};
use crate::ear::{Ear, NAME};

const ACK_WAIT: Duration = Duration::from_secs(30);

/// What the service wants.
fn wanted(broker: &Broker) -> pull::Config {
    Ear::content().listeners(broker, ACK_WAIT).consumer()
}

async fn found(broker: &Broker) -> Config {
    broker.jetstream().get_stream(STREAM).await.unwrap().consumer_info(NAME).await.unwrap().config
}

#[tokio::test]
async fn a_consumer_of_an_older_version_is_updated() {
    let servers = Servers::new().await;
    let broker = servers.stream.broker();
    for older in [
        pull::Config { filter_subjects: vec!["ticket.older".to_owned()], ..wanted(broker) },
        pull::Config { ack_wait: ACK_WAIT / 2, ..wanted(broker) },
        pull::Config { max_ack_pending: 1, ..wanted(broker) },
    ] {
        broker.jetstream().create_consumer_on_stream(older, STREAM).await.unwrap();
        let ear = Ear::content();
        let listening = ear.listen(broker);
        servers.stream.publish(&Counted { id: Id::generate(), version: 0 }).await;
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
async fn a_stream_of_an_older_version_is_updated_and_keeps_its_messages() {
    let nats = testing::new_nats().await;
    let broker = testing::broker(&nats).await;
    let older = stream::Config { name: STREAM.to_owned(), subjects: vec!["ticket.*".to_owned()], ..Default::default() };
    broker.jetstream().create_stream(older).await.unwrap();
    broker.publish("one", &Counted { id: Id::generate(), version: 0 }).await.unwrap();
    eventually("the broker is ready", async || broker.ready().await.ok()).await;
    let updated = broker.jetstream().get_stream(STREAM).await.unwrap();
    let info = updated.cached_info();
    assert_eq!((info.state.messages, info.config.subjects.len()), (1, common::events::STREAM_SUBJECTS.len()));
    assert!(info.config.max_age > Duration::ZERO);
}

#[tokio::test]
async fn a_consumer_that_cannot_be_updated_is_used_as_it_is() {
    let servers = Servers::new().await;
    let broker = servers.stream.broker();
    // Where a consumer begins to deliver can never be changed.
    let fixed = pull::Config { deliver_policy: DeliverPolicy::New, ..wanted(broker) };
    broker.jetstream().create_consumer_on_stream(fixed, STREAM).await.unwrap();
    let ear = Ear::content();
    let listening = ear.listen(broker);
    servers.stream.publish(&Counted { id: Id::generate(), version: 0 }).await;
    ear.wait_for_handled(1).await;
    listening.stop().await;
    assert_eq!(found(broker).await.deliver_policy, DeliverPolicy::New);
}

#[tokio::test]
async fn a_stream_that_cannot_be_updated_is_used_as_it_is() {
    let nats = testing::new_nats().await;
    let one_copy = testing::broker(&nats).await;
    eventually("the broker is ready", async || one_copy.ready().await.ok()).await;
    // A single server keeps no three copies.
    let config = NatsConfig { stream_replicas: 3, ..NatsConfig::at(nats.url().parse().unwrap()) };
    let three_copies = nats::connect(&config, "test").await.unwrap();
    eventually("the broker is ready", async || three_copies.ready().await.ok()).await;
    three_copies.publish("one", &Counted { id: Id::generate(), version: 0 }).await.unwrap();
}
