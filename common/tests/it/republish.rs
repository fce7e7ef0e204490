use common::events::{ORDER, StateRequested, TICKET};
use common::id::Id;
use common::timestamp::Timestamp;
use infra_local::{Home, Nats};
use mongodb::bson::oid::ObjectId;
use mongodb::bson::{DateTime, Document, doc};

use common::mongo::Aggregate;
use common::replica;
use common::testing::{Stream, eventually};
use futures::future::join_all;

use crate::counter::{Counted, Counter, Servers, count, insert};

fn request(of: &str, id: Option<Id>, since: Option<Timestamp>) -> StateRequested {
    StateRequested { service: "somebody".to_owned(), of: of.to_owned(), id, since }
}

/// How often each counter's state stands in the stream.
async fn times(stream: &Stream, counter: &Counter) -> usize {
    stream.published::<Counted>().await.iter().filter(|event| event.id == counter.id).count()
}

async fn wait_for_times(stream: &Stream, counter: &Counter, wanted: usize) {
    eventually("it is published so often", async || (times(stream, counter).await == wanted).then_some(())).await;
}

#[tokio::test]
async fn what_the_broker_lost_with_its_disk_is_published_again_though_nothing_new_happens() {
    let servers = Servers::new().await;
    let (counters, _relay) = servers.counters().await;
    let counter = insert(&counters).await;
    count(&counters, counter.id).await.unwrap();
    servers.db_outboxes_empty().await;
    let port = servers.nats.url().rsplit(':').next().unwrap().parse().unwrap();
    servers.nats.kill().await.unwrap();
    let empty = Nats::start(Home::Temporary, Some(port)).await.unwrap();
    let stream = Stream::open(&empty).await;
    let published = stream.wait_for(1, |event: &Counted| event.id == counter.id).await;
    assert_eq!(published[0].version, 1, "its present state");
}

#[tokio::test]
async fn the_stream_that_was_deleted_under_a_running_broker_is_made_again_with_the_state_of_all() {
    let servers = Servers::new().await;
    let (counters, _relay) = servers.counters().await;
    let counter = insert(&counters).await;
    wait_for_times(&servers.stream, &counter, 1).await;
    servers.db_outboxes_empty().await;
    servers.stream.broker().jetstream().delete_stream(common::events::STREAM).await.unwrap();
    eventually("the stream is there again", async || {
        servers.stream.broker().jetstream().get_stream(common::events::STREAM).await.ok()
    })
    .await;
    servers.stream.wait_for(1, |event: &Counted| event.id == counter.id).await;
}

#[tokio::test]
async fn the_state_of_one_aggregate_is_published_on_request_under_a_new_id() {
    let servers = Servers::new().await;
    let (counters, _relay) = servers.counters().await;
    let (one, other) = (insert(&counters).await, insert(&counters).await);
    wait_for_times(&servers.stream, &other, 1).await;
    counters.republish_requested(&request(ORDER, Some(one.id), None)).await.unwrap();
    counters.republish_requested(&request(TICKET, Some(Id::generate()), None)).await.unwrap();
    counters.republish_requested(&request(TICKET, Some(one.id), None)).await.unwrap();
    wait_for_times(&servers.stream, &one, 2).await;
    assert_eq!(times(&servers.stream, &other).await, 1);
}

#[tokio::test]
async fn everything_or_what_changed_since_is_published_on_request() {
    let servers = Servers::new().await;
    let (counters, _relay) = servers.counters().await;
    let (old, new) = (insert(&counters).await, insert(&counters).await);
    let long_ago = doc! {"$set": {"changedAt": DateTime::from_millis(1_000_000)}};
    servers.db_counters().update_one(doc! {"_id": ObjectId::from(old.id)}, long_ago).await.unwrap();
    servers.db_outboxes_empty().await;
    counters.republish_requested(&request(TICKET, None, Some(Timestamp::from_millis(2_000_000)))).await.unwrap();
    wait_for_times(&servers.stream, &new, 2).await;
    assert_eq!(times(&servers.stream, &old).await, 1);
    counters.republish_requested(&request(TICKET, None, None)).await.unwrap();
    wait_for_times(&servers.stream, &old, 2).await;
}

#[tokio::test]
async fn replicas_share_the_republishing_and_each_state_is_published_once() {
    let servers = Servers::new().await;
    let (counters, _relay) = servers.counters().await;
    let (_, _other) = servers.counters().await;
    let all = join_all((0..600).map(|_| insert(&counters))).await;
    servers.db_outboxes_empty().await;
    counters.republish_requested(&request(TICKET, None, None)).await.unwrap();
    servers.stream.wait_for(1_200, |_: &Counted| true).await;
    eventually("the walk has ended", async || {
        let cursors = servers.database.collection::<Document>("republish");
        (cursors.count_documents(doc! {}).await.unwrap() == 0).then_some(())
    })
    .await;
    for counter in all.iter().step_by(97) {
        assert_eq!(times(&servers.stream, counter).await, 2);
    }
}

#[tokio::test]
async fn a_document_that_cannot_be_read_blocks_no_other() {
    let servers = Servers::new().await;
    let (counters, _relay) = servers.counters().await;
    let broken = doc! {"_id": "not an id", "version": "not a number", "outbox": [{"at": "not a time"}]};
    servers.db_counters().insert_one(broken).await.unwrap();
    let counter = insert(&counters).await;
    let waits = doc! {"_id": ObjectId::from(counter.id), "outbox.0": {"$exists": true}};
    eventually("its outbox is empty", async || {
        (servers.db_counters().count_documents(waits.clone()).await.unwrap() == 0).then_some(())
    })
    .await;
    counters.republish_requested(&request(TICKET, None, None)).await.unwrap();
    wait_for_times(&servers.stream, &counter, 2).await;
    assert_eq!(Counter::KIND, TICKET);
}

#[tokio::test]
async fn what_was_published_since_the_moment_to_which_the_broker_was_put_back_is_published_again() {
    let servers = Servers::new().await;
    let (counters, relay) = servers.counters().await;
    let (kept, lost, older) = (insert(&counters).await, insert(&counters).await, insert(&counters).await);
    wait_for_times(&servers.stream, &older, 1).await;
    servers.db_outboxes_empty().await;
    relay.stop().await;
    let hours_ago = |hours: i64| DateTime::from_millis(Timestamp::now().millis() - hours * 3_600_000);
    for (counter, hours) in [(&lost, 1), (&kept, 3), (&older, 3)] {
        let changed = doc! {"$set": {"changedAt": hours_ago(hours)}};
        servers.db_counters().update_one(doc! {"_id": ObjectId::from(counter.id)}, changed).await.unwrap();
    }
    // The stream still holds what it had two hours ago, and nothing of what it acked since.
    let held = servers.stream.messages::<Counted>().await[0].headers.get("Nats-Msg-Id").unwrap().to_string();
    let marks = [
        doc! {"sequence": 1, "messageId": held, "goodAt": hours_ago(2)},
        doc! {"sequence": 7_000, "messageId": "lost", "goodAt": hours_ago(0)},
    ];
    let seen = servers.database.collection::<Document>("relay");
    seen.update_one(doc! {"_id": TICKET}, doc! {"$set": {"marks": marks.to_vec()}}).await.unwrap();
    let (_, _relay) = servers.counters().await;
    wait_for_times(&servers.stream, &lost, 2).await;
    assert_eq!((times(&servers.stream, &kept).await, times(&servers.stream, &older).await), (1, 1));
}

#[tokio::test]
async fn what_stands_in_a_database_that_was_never_looked_after_is_published() {
    let servers = Servers::new().await;
    let id = ObjectId::new();
    servers.db_counters().insert_one(doc! {"_id": id, "version": 3}).await.unwrap();
    let (_, _relay) = servers.counters().await;
    let published = servers.stream.wait_for(1, |event: &Counted| event.id == Id::from(id)).await;
    assert_eq!(published[0].version, 3);
}

#[tokio::test]
async fn a_service_whose_store_is_wiped_right_after_it_was_filled_asks_again() {
    let servers = Servers::new().await;
    for _ in 0..2 {
        assert!(replica::request_states(servers.stream.broker(), TICKET, None).await);
    }
    assert_eq!(servers.stream.published::<StateRequested>().await.len(), 2);
}
