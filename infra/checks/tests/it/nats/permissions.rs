use std::collections::BTreeSet;

use async_nats::ConnectOptions;
use async_nats::jetstream::consumer::{AckPolicy, PullConsumer};
use async_nats::jetstream::{self, AckKind, consumer};
use checks::overlay::overlay;
use common::events::STREAM;
use common::parked;
use futures::TryStreamExt;

use super::guarded::Guarded;
use super::publishers::{ON_THE_STREAM, all_subjects, published_by};

/// One event of every kind, from the service that makes it, and one message parked by each.
async fn say_everything(guarded: &Guarded) -> BTreeSet<String> {
    let mut said = BTreeSet::new();
    for service in ON_THE_STREAM {
        let caller = guarded.connect(service).await;
        let jetstream = jetstream::new(caller.client.clone());
        let subjects = published_by(service).into_iter().chain([format!("parked.{service}.order.created")]);
        for subject in subjects {
            let ack = jetstream.publish(subject.clone(), "{}".into()).await.unwrap();
            ack.await.unwrap_or_else(|error| panic!("{service} may not publish {subject}: {error}"));
            said.insert(subject);
        }
    }
    said
}

/// Every subject in both streams.
async fn stored(guarded: &Guarded) -> Vec<String> {
    let jetstream = jetstream::new(guarded.connect("ops").await.client);
    let mut subjects = Vec::new();
    for stream in [STREAM, parked::STREAM] {
        let stream = jetstream.get_stream(stream).await.unwrap();
        let config = consumer::pull::Config { ack_policy: AckPolicy::None, ..Default::default() };
        let consumer = stream.create_consumer(config).await.unwrap();
        let messages = consumer.fetch().max_messages(1000).messages().await.unwrap();
        subjects.extend(messages.map_ok(|message| message.subject.to_string()).try_collect::<Vec<_>>().await.unwrap());
        stream.delete_consumer(&consumer.cached_info().name).await.unwrap();
    }
    subjects
}

#[tokio::test]
async fn each_service_publishes_its_own_events_and_reads_its_own_durable() {
    let guarded = Guarded::start(overlay("dev")).await;
    say_everything(&guarded).await;
    for service in ON_THE_STREAM {
        let jetstream = jetstream::new(guarded.connect(service).await.client);
        let consumer: PullConsumer = jetstream.get_consumer_from_stream(service, STREAM).await.unwrap();
        let wanted: BTreeSet<String> = consumer.cached_info().config.filter_subjects.iter().cloned().collect();
        let messages = consumer.fetch().max_messages(100).messages().await.unwrap();
        let messages: Vec<_> = messages.try_collect().await.unwrap();
        for message in &messages {
            message.double_ack_with(AckKind::Ack).await.unwrap();
        }
        assert_eq!(
            messages.iter().map(|message| message.subject.to_string()).collect::<BTreeSet<_>>(),
            wanted,
            "{service}"
        );
    }
}

#[tokio::test]
async fn no_service_says_what_another_says() {
    let guarded = Guarded::start(overlay("dev")).await;
    let said = say_everything(&guarded).await;
    for service in ON_THE_STREAM {
        let caller = guarded.connect(service).await;
        let own = published_by(service);
        for subject in all_subjects().difference(&own) {
            caller.may_not_publish(subject).await;
        }
        // Subjects of the streams that nobody uses.
        for word in ["ticket", "order", "payment", "expiration"] {
            caller.may_not_publish(&format!("{word}.unheard")).await;
        }
        for other in others(service) {
            caller.may_not_publish(&format!("parked.{other}.order.created")).await;
            // An answer that the other did not get from the broker.
            caller.may_not_publish(&format!("_INBOX_{other}.answer")).await;
        }
    }
    let stored = stored(&guarded).await;
    assert_eq!(stored.len(), said.len(), "{stored:?}");
}

#[tokio::test]
async fn no_service_hears_what_is_not_meant_for_it() {
    let guarded = Guarded::start(overlay("dev")).await;
    for service in ON_THE_STREAM {
        let caller = guarded.connect(service).await;
        for subject in
            [">", "_INBOX.>", "$JS.>", "$SYS.>", "order.*", "ticket.*", "payment.*", "expiration.*", "parked.>"]
        {
            caller.may_not_subscribe(subject).await;
        }
        for other in others(service) {
            caller.may_not_subscribe(&format!("_INBOX_{other}.>")).await;
            for request in ["INFO", "MSG.NEXT", "DELETE"] {
                caller.may_not_publish(&format!("$JS.API.CONSUMER.{request}.{STREAM}.{other}")).await;
            }
            // Acks in the other's name, in both forms that there are.
            caller.may_not_publish(&format!("$JS.ACK.{STREAM}.{other}.1.1.1.1.0")).await;
            caller.may_not_publish(&format!("$JS.ACK._.hash.{STREAM}.{other}.1.1.1.1.0.token")).await;
        }
    }
}

#[tokio::test]
async fn no_service_changes_streams_or_consumers() {
    let guarded = Guarded::start(overlay("dev")).await;
    for service in ON_THE_STREAM {
        let caller = guarded.connect(service).await;
        for stream in [STREAM, parked::STREAM] {
            for request in ["CREATE", "UPDATE", "DELETE", "PURGE", "SNAPSHOT", "RESTORE", "MSG.GET", "MSG.DELETE"] {
                caller.may_not_publish(&format!("$JS.API.STREAM.{request}.{stream}")).await;
            }
            caller.may_not_publish(&format!("$JS.API.DIRECT.GET.{stream}")).await;
            caller.may_not_publish(&format!("$JS.API.CONSUMER.CREATE.{stream}")).await;
            caller.may_not_publish(&format!("$JS.API.CONSUMER.CREATE.{stream}.{service}")).await;
            caller.may_not_publish(&format!("$JS.API.CONSUMER.CREATE.{stream}.{service}.order.created")).await;
            caller.may_not_publish(&format!("$JS.API.CONSUMER.DURABLE.CREATE.{stream}.{service}")).await;
            caller.may_not_publish(&format!("$JS.API.CONSUMER.DELETE.{stream}.{service}")).await;
        }
        caller.may_not_publish("$JS.API.STREAM.CREATE.NEW").await;
        caller.may_not_publish(&format!("$JS.API.CONSUMER.MSG.NEXT.{}.{service}", parked::STREAM)).await;
    }
    let jetstream = jetstream::new(guarded.connect("ops").await.client);
    let mut stream = jetstream.get_stream(STREAM).await.unwrap();
    assert_eq!(stream.info().await.unwrap().state.consumer_count, ON_THE_STREAM.len());
}

#[tokio::test]
async fn nobody_enters_without_a_password() {
    let guarded = Guarded::start(overlay("dev")).await;
    let wrong = |user: &str| ConnectOptions::with_user_and_password(user.to_owned(), "wrong".to_owned());
    for user in ON_THE_STREAM.into_iter().chain(["ops"]) {
        assert!(guarded.connect_as(wrong(user)).await.is_err(), "{user}");
    }
    assert!(guarded.connect_as(wrong("auth")).await.is_err());
    assert!(guarded.connect_as(ConnectOptions::new()).await.is_err());
}

fn others(service: &str) -> impl Iterator<Item = &'static str> {
    ON_THE_STREAM.into_iter().filter(move |other| *other != service)
}
