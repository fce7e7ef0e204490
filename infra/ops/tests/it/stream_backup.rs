//! `ops stream backup` and `ops stream restore`.

use std::fs;
use std::time::Duration;

use async_nats::jetstream::{self, AckKind, Context, Message, consumer::PullConsumer};
use futures::StreamExt;
use infra_local::{Home, Nats};
use serde_json::json;
use tempfile::TempDir;

use crate::command::{Outcome, ops};
use crate::servers::{NatsCluster, connect};
use crate::stream_init::api;

/// A broker with the platform's two streams, and a folder for backups.
struct Place {
    url: String,
    jetstream: Context,
    folder: TempDir,
}

impl Place {
    async fn new(url: String, replicas: usize) -> Self {
        let jetstream = jetstream::new(connect(&url).await);
        let place = Self { url, jetstream, folder: tempfile::tempdir().unwrap() };
        for (name, subject) in [("TICKETING", "order.*"), ("PARKED", "parked.>")] {
            let config = jetstream::stream::Config {
                name: name.to_owned(),
                subjects: vec![subject.to_owned()],
                num_replicas: replicas,
                ..Default::default()
            };
            place.jetstream.create_stream(config).await.unwrap();
        }
        place
    }

    async fn run(&self, arguments: &str) -> Outcome {
        let folder = self.folder.path().to_str().unwrap();
        ops(arguments, &[("NATS_URL", &self.url), ("BACKUP_DIR", folder)]).await
    }

    async fn publish(&self, numbers: std::ops::RangeInclusive<u64>) {
        for number in numbers {
            self.jetstream.publish("order.created", number.to_string().into()).await.unwrap().await.unwrap();
        }
    }

    async fn consumer(&self) -> PullConsumer {
        let stream = self.jetstream.get_stream("TICKETING").await.unwrap();
        let config = jetstream::consumer::pull::Config {
            durable_name: Some("payments".to_owned()),
            ack_wait: Duration::from_millis(500),
            ..Default::default()
        };
        stream.get_or_create_consumer("payments", config).await.unwrap()
    }

    fn names(&self) -> Vec<String> {
        let entries = fs::read_dir(self.folder.path()).unwrap();
        let names = entries.map(|entry| entry.unwrap().file_name().into_string().unwrap());
        names.filter(|name| !name.starts_with('.')).collect()
    }
}

/// So many messages of a consumer.
async fn take(consumer: &PullConsumer, count: usize) -> Vec<Message> {
    let mut taken = Vec::new();
    while taken.len() < count {
        // What is not asked for is not delivered either.
        let batch =
            consumer.batch().max_messages(count - taken.len()).expires(Duration::from_secs(30)).messages().await;
        let mut batch = batch.unwrap();
        // On a cluster a consumer that was only just made has no leader yet.
        while let Some(Ok(message)) = batch.next().await {
            taken.push(message);
        }
    }
    taken
}

fn numbers(messages: &[Message]) -> Vec<u64> {
    let mut numbers: Vec<u64> =
        messages.iter().map(|message| String::from_utf8_lossy(&message.payload).parse().unwrap()).collect();
    numbers.sort_unstable();
    numbers
}

#[tokio::test]
async fn a_restored_consumer_hears_what_it_had_not_acked_and_nothing_again() {
    let nats = Nats::start(Home::Temporary, None).await.unwrap();
    let place = Place::new(nats.url(), 1).await;
    place.publish(1..=6).await;
    let consumer = place.consumer().await;
    for (message, acked) in take(&consumer, 4).await.into_iter().zip([true, false, true, false]) {
        if acked {
            message.double_ack_with(AckKind::Ack).await.unwrap();
        }
    }
    let outcome = place.run("stream backup").await.expect_success();
    assert!(outcome.out.contains("TICKETING: 6 messages, 1 consumers, "), "{outcome}");
    assert!(outcome.out.contains("PARKED: 0 messages, 0 consumers, "), "{outcome}");
    place.publish(7..=8).await;

    // Everything is lost, as with an empty volume.
    let nats = Nats::start(Home::Temporary, None).await.unwrap();
    let mut restored = Place { folder: place.folder, url: nats.url(), jetstream: place.jetstream };
    restored
        .run("stream restore")
        .await
        .expect_success()
        .expect_line("TICKETING: 6 messages, 1 consumers")
        .expect_line("PARKED: 0 messages, 0 consumers");
    restored.jetstream = jetstream::new(connect(&restored.url).await);
    let info = api(&restored.url, "CONSUMER.INFO.TICKETING.payments", json!({})).await;
    assert_eq!((info["ack_floor"]["stream_seq"].as_u64(), info["num_ack_pending"].as_u64()), (Some(1), Some(2)));
    restored.publish(9..=9).await;
    let messages = take(&restored.consumer().await, 5).await;
    assert_eq!(numbers(&messages), [2, 4, 5, 6, 9]);
    assert_eq!(messages.iter().map(|message| message.info().unwrap().stream_sequence).max(), Some(7));
}

#[tokio::test]
async fn a_stream_of_many_chunks_comes_back_whole() {
    let nats = Nats::start(Home::Temporary, None).await.unwrap();
    let place = Place::new(nats.url(), 1).await;
    // Bytes that do not compress, more than the broker sends without an ack.
    let mut state = 1_u64;
    for _ in 0..60 {
        let payload: Vec<u8> = std::iter::repeat_with(|| {
            state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            (state >> 56) as u8
        })
        .take(256 * 1024)
        .collect();
        place.jetstream.publish("order.created", payload.into()).await.unwrap().await.unwrap();
    }
    let stream = place.jetstream.get_stream("TICKETING").await.unwrap();
    let last = stream.get_raw_message(60).await.unwrap();
    place.run("stream backup").await.expect_success();
    place.run("stream restore --replace").await.expect_success().expect_line("TICKETING: 60 messages, 0 consumers");
    let restored = stream.get_raw_message(60).await.unwrap();
    assert!(restored.payload == last.payload && restored.time == last.time);
}

#[tokio::test]
async fn a_stream_that_exists_is_not_replaced_unless_that_is_wanted() {
    let nats = Nats::start(Home::Temporary, None).await.unwrap();
    let place = Place::new(nats.url(), 1).await;
    place.publish(1..=3).await;
    place.run("stream backup").await.expect_success();
    place.publish(4..=5).await;
    place.run("stream restore").await.expect_failure(1, "there is PARKED, TICKETING already");
    place
        .run("stream restore --replace --streams TICKETING")
        .await
        .expect_success()
        .expect_line("TICKETING: deleted")
        .expect_line("TICKETING: 3 messages, 0 consumers");
    place.run("stream restore --replace --streams OTHER").await.expect_failure(1, "there is no stream OTHER");
}

#[tokio::test]
async fn a_damaged_archive_is_noticed_before_anything_is_deleted() {
    let nats = Nats::start(Home::Temporary, None).await.unwrap();
    let place = Place::new(nats.url(), 1).await;
    place.publish(1..=3).await;
    place.run("stream backup").await.expect_success();
    let path = place.folder.path().join(place.names().remove(0)).join("TICKETING.tar.s2");
    let mut bytes = fs::read(&path).unwrap();
    let middle = bytes.len() / 2;
    bytes[middle] ^= 1;
    fs::write(&path, &bytes).unwrap();
    place.run("stream restore --replace").await.expect_failure(1, "TICKETING.tar.s2 is damaged");
    fs::write(&path, &bytes[..middle]).unwrap();
    place.run("stream restore --replace").await.expect_failure(1, "TICKETING.tar.s2 is damaged");
    let mut stream = place.jetstream.get_stream("TICKETING").await.unwrap();
    assert_eq!(stream.info().await.unwrap().state.messages, 3);
}

#[tokio::test]
async fn a_stream_that_is_missing_makes_no_backup() {
    let nats = Nats::start(Home::Temporary, None).await.unwrap();
    let place = Place::new(nats.url(), 1).await;
    place
        .run("stream backup --streams TICKETING,MISSING")
        .await
        .expect_failure(1, "stream MISSING cannot be backed up");
    assert!(place.names().iter().all(|name| name.ends_with(".partial")), "{:?}", place.names());
    place.run("stream restore").await.expect_failure(1, "there is no backup stream-*");
    place.run("stream backup --backup-keep 1").await.expect_success();
    assert_eq!(place.names().len(), 1);
}

#[tokio::test]
async fn a_backup_of_a_cluster_is_restored_on_a_cluster_and_on_one_server() {
    let cluster = NatsCluster::start().await;
    let topology = tempfile::NamedTempFile::new().unwrap();
    fs::write(topology.path(), json!({ "streams": [{ "name": "WAITED_FOR" }] }).to_string()).unwrap();
    let url = cluster.url();
    let arguments = format!("stream init --within 90 --stream-replicas 3 --topology {}", topology.path().display());
    ops(&arguments, &[("NATS_URL", &url)]).await.expect_success();

    let place = Place::new(url, 3).await;
    place.publish(1..=3).await;
    let consumer = place.consumer().await;
    take(&consumer, 1).await.remove(0).double_ack_with(AckKind::Ack).await.unwrap();
    place.run("stream backup").await.expect_success();
    place.run("stream restore --replace").await.expect_success().expect_line("TICKETING: 3 messages, 1 consumers");
    assert_eq!(numbers(&take(&place.consumer().await, 2).await), [2, 3]);

    let nats = Nats::start(Home::Temporary, None).await.unwrap();
    let single = Place { folder: place.folder, url: nats.url(), jetstream: place.jetstream };
    single.run("stream restore").await.expect_failure(1, "replicas > 1 not supported in non-clustered mode");
    single
        .run("stream restore --stream-replicas 1")
        .await
        .expect_success()
        .expect_line("TICKETING: 3 messages, 1 consumers");
}
