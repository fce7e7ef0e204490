//! `ops stream init`.

use std::fs;
use std::path::PathBuf;

use infra_local::{Home, Nats};
use serde_json::{Value, json};
use tempfile::TempDir;

use crate::command::{Outcome, ops};
use crate::servers::{NatsCluster, connect};

/// Asks JetStream itself.
pub async fn api(url: &str, subject: &str, question: Value) -> Value {
    let answer = connect(url).await.request(format!("$JS.API.{subject}"), question.to_string().into()).await.unwrap();
    serde_json::from_slice(&answer.payload).unwrap()
}

/// A topology in a file.
struct Topology {
    folder: TempDir,
}

impl Topology {
    fn new(content: &Value) -> Self {
        let topology = Self { folder: tempfile::tempdir().unwrap() };
        topology.write(content);
        topology
    }

    fn path(&self) -> PathBuf {
        self.folder.path().join("streams.json")
    }

    fn write(&self, content: &Value) {
        fs::write(self.path(), content.to_string()).unwrap();
    }

    async fn init(&self, url: &str, replicas: &str) -> Outcome {
        let arguments = format!("stream init --within 90 --topology {}", self.path().display());
        ops(&arguments, &[("NATS_URL", url), ("STREAM_REPLICAS", replicas)]).await
    }
}

fn ticketing() -> Value {
    json!({
        "streams": [
            { "name": "TICKETING", "subjects": ["ticket.*", "order.*"], "retention": "limits", "storage": "file",
              "discard": "old", "max_age": 2_592_000_000_000_000_u64, "duplicate_window": 600_000_000_000_u64,
              "max_msgs": 0, "deny_delete": false, "metadata": { "owner": "platform" } },
            { "name": "PARKED", "subjects": ["parked.>"] },
        ],
        "consumers": [
            { "stream": "TICKETING", "config": { "durable_name": "orders", "ack_policy": "explicit",
              "ack_wait": 30_000_000_000_u64, "max_ack_pending": 512, "filter_subjects": ["ticket.created", "ticket.updated"] } },
            { "stream": "TICKETING", "config": { "durable_name": "tickets", "ack_policy": "explicit",
              "filter_subject": "order.created" } },
        ],
    })
}

#[tokio::test]
async fn streams_and_consumers_are_made_once_and_a_second_run_changes_nothing() {
    let nats = Nats::start(Home::Temporary, None).await.unwrap();
    let topology = Topology::new(&ticketing());
    topology
        .init(&nats.url(), "1")
        .await
        .expect_success()
        .expect_line("stream TICKETING was created")
        .expect_line("stream PARKED was created")
        .expect_line("consumer orders of TICKETING was created")
        .expect_line("consumer tickets of TICKETING was created");
    let info = api(&nats.url(), "CONSUMER.INFO.TICKETING.orders", json!({})).await;
    assert_eq!(info["config"]["filter_subjects"], json!(["ticket.created", "ticket.updated"]));
    assert_eq!(info["config"]["max_ack_pending"], 512);
    topology
        .init(&nats.url(), "1")
        .await
        .expect_success()
        .expect_line("stream TICKETING is as wanted")
        .expect_line("consumer tickets of TICKETING is as wanted")
        .expect_line("nothing was changed");
}

#[tokio::test]
async fn what_differs_is_updated_and_what_the_file_does_not_say_stays() {
    let nats = Nats::start(Home::Temporary, None).await.unwrap();
    let mut content = ticketing();
    let topology = Topology::new(&content);
    topology.init(&nats.url(), "1").await.expect_success();
    let mut parked = api(&nats.url(), "STREAM.INFO.PARKED", json!({})).await["config"].take();
    parked["description"] = "by hand".into();
    api(&nats.url(), "STREAM.UPDATE.PARKED", parked).await;

    content["streams"][1]["max_age"] = 1_000_000_000_000_u64.into();
    content["consumers"][0]["config"]["filter_subjects"] = json!(["ticket.created"]);
    content["consumers"][1]["config"] = json!({ "durable_name": "tickets", "ack_policy": "explicit", "filter_subjects": ["order.created", "order.cancelled"] });
    topology.write(&content);
    topology
        .init(&nats.url(), "1")
        .await
        .expect_success()
        .expect_line("stream TICKETING is as wanted")
        .expect_line("stream PARKED was updated: max_age")
        .expect_line("consumer orders of TICKETING was updated: filter_subjects")
        .expect_line("consumer tickets of TICKETING was updated: filter_subjects");
    let parked = api(&nats.url(), "STREAM.INFO.PARKED", json!({})).await;
    assert_eq!(parked["config"]["description"], "by hand");
    topology.init(&nats.url(), "1").await.expect_success().expect_line("nothing was changed");
}

#[tokio::test]
async fn a_field_that_the_broker_does_not_know_is_no_silent_success() {
    let nats = Nats::start(Home::Temporary, None).await.unwrap();
    let topology = Topology::new(&json!({ "streams": [{ "name": "TICKETING", "subjects": ["t"], "max_agee": 1 }] }));
    let outcome = topology.init(&nats.url(), "1").await;
    assert!(outcome.code == 1 && outcome.err.contains("max_agee"), "{outcome}");
}

#[tokio::test]
async fn what_the_broker_refuses_is_told_in_its_words() {
    let nats = Nats::start(Home::Temporary, None).await.unwrap();
    let topology = Topology::new(&ticketing());
    topology.init(&nats.url(), "3").await.expect_failure(1, "replicas > 1 not supported in non-clustered mode");
    topology.write(&json!({ "streams": [{ "subjects": ["t"] }] }));
    topology.init(&nats.url(), "1").await.expect_failure(64, "a stream has no `name`");
}

#[tokio::test]
async fn the_topology_of_the_cluster_is_taken_as_it_stands() {
    let nats = Nats::start(Home::Temporary, None).await.unwrap();
    let file = concat!(env!("CARGO_MANIFEST_DIR"), "/../k8s/base/nats/streams.json");
    let environment = [("NATS_URL", nats.url())];
    let environment = environment.each_ref().map(|(name, value)| (*name, value.as_str()));
    ops(&format!("stream init --topology {file}"), &environment).await.expect_success();
    ops(&format!("stream init --topology {file}"), &environment)
        .await
        .expect_success()
        .expect_line("nothing was changed");
}

#[tokio::test]
async fn a_cluster_that_is_only_just_starting_is_waited_for_and_one_copy_becomes_three() {
    let cluster = NatsCluster::start().await;
    let topology = Topology::new(&ticketing());
    topology.init(&cluster.url(), "1").await.expect_success().expect_line("stream TICKETING was created");
    topology
        .init(&cluster.url(), "3")
        .await
        .expect_success()
        .expect_line("stream TICKETING was updated: num_replicas")
        .expect_line("stream PARKED was updated: num_replicas");
    let info = api(&cluster.url(), "STREAM.INFO.TICKETING", json!({})).await;
    assert_eq!(info["cluster"]["replicas"].as_array().unwrap().len(), 2);
    topology.init(&cluster.url(), "3").await.expect_success().expect_line("nothing was changed");
}
