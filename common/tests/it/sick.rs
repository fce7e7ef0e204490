use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use common::checkpoint::{Checkpoint, Checkpoints};
use common::dead_letters;
use common::events::{Event, STREAM, StateRequested, TICKET};
use common::id::Id;
use common::listener::Failure;
use common::replica;
use common::testing::eventually;
use futures::FutureExt;
use futures::future::BoxFuture;
use tokio::sync::Notify;
use tokio::time::sleep;
use tokio_util::sync::CancellationToken;

use crate::counter::{Counted, Servers};
use crate::ear::{Ear, NAME};

const ACK_WAIT: Duration = Duration::from_secs(30);

/// A store that is there or not.
#[derive(Clone, Default)]
struct Store {
    is_available: Arc<AtomicBool>,
    saved: Arc<AtomicUsize>,
}

impl Checkpoints for Store {
    fn load(&self) -> BoxFuture<'_, Result<Option<Checkpoint>, String>> {
        async { self.is_available.load(Ordering::Relaxed).then_some(None).ok_or_else(|| "unavailable".to_owned()) }
            .boxed()
    }

    fn save<'a>(&'a self, _: &'a Checkpoint) -> BoxFuture<'a, Result<(), String>> {
        self.saved.fetch_add(1, Ordering::Relaxed);
        async { Ok(()) }.boxed()
    }
}

impl Store {
    /// An ear whose handler needs this store.
    fn ear(&self) -> Ear {
        let store = self.clone();
        Ear::new(move |_| {
            let is_available = store.is_available.load(Ordering::Relaxed);
            async move { if is_available { Ok(()) } else { Err(Failure::Unavailable("the store".to_owned())) } }
        })
    }
}

fn event() -> Counted {
    Counted { id: Id::generate(), version: 0 }
}

#[tokio::test]
async fn a_replica_that_cannot_reach_its_store_leaves_its_messages_to_another_and_takes_some_again_later() {
    let servers = Servers::new().await;
    let broker = servers.stream.broker();
    let (store, stop) = (Store::default(), CancellationToken::new());
    let (sick, well) = (store.ear(), Ear::content());
    let sick_runs = sick.listeners(broker, ACK_WAIT).checkpoints(store.clone()).run(stop.clone());
    let sick_runs = tokio::spawn(sick_runs);
    let (first, second) = (event(), event());
    servers.stream.publish(&first).await;
    sick.wait_for_begun(1).await;
    let listening = well.listen(broker);
    assert_eq!(well.wait_for_handled(1).await, [first]);
    listening.stop().await;
    let begun = sick.begun().len();
    servers.stream.publish(&second).await;
    store.is_available.store(true, Ordering::Relaxed);
    assert_eq!(sick.wait_for_handled(1).await, [second]);
    assert!(sick.begun().len() > begun);
    assert!(dead_letters::list(broker.jetstream()).await.unwrap().is_empty());
    stop.cancel();
    sick_runs.await.unwrap();
}

#[tokio::test]
async fn messages_that_wait_behind_a_slow_one_are_not_redelivered() {
    let servers = Servers::new().await;
    let proceed = Arc::new(Notify::new());
    let gate = proceed.clone();
    let ear = Ear::new(move |event: Counted| {
        let gate = gate.clone();
        async move {
            if event.version == 0 {
                gate.notified().await;
            }
            Ok(())
        }
    });
    let ack_wait = Duration::from_millis(500);
    let _listening = ear.listen_with(servers.stream.broker(), ack_wait);
    let id = Id::generate();
    for version in 0..5 {
        servers.stream.publish(&Counted { id, version }).await;
    }
    ear.wait_for_begun(1).await;
    // It is the passing of time that must not matter.
    sleep(ack_wait * 4).await;
    proceed.notify_one();
    servers.stream.wait_until_handled(NAME).await;
    assert_eq!(ear.handled().iter().map(|event| event.version).collect::<Vec<_>>(), [0, 1, 2, 3, 4]);
}

#[tokio::test]
async fn many_dead_letters_in_a_row_stop_the_consumer_until_one_message_is_handled() {
    let servers = Servers::new().await;
    let broker = servers.stream.broker();
    for _ in 0..25 {
        servers.stream.publish_raw(Counted::SUBJECT, b"nonsense").await;
    }
    let letters = async || dead_letters::list(broker.jetstream()).await.unwrap().len();
    let (ear, stop) = (Ear::content(), CancellationToken::new());
    let for_long = ear.listeners(broker, ACK_WAIT).dead_letter_pause(Duration::from_secs(3600)).run(stop.clone());
    let for_long = tokio::spawn(for_long);
    eventually("the consumer stops", async || (letters().await == 20).then_some(())).await;
    eventually("the rest is given back", async || {
        let stream = broker.jetstream().get_stream(STREAM).await.unwrap();
        let consumer = stream.consumer_info(NAME).await.unwrap();
        (consumer.num_waiting == 0).then_some(())
    })
    .await;
    assert_eq!(letters().await, 20);
    stop.cancel();
    for_long.await.unwrap();
    let stop = CancellationToken::new();
    let soon = ear.listeners(broker, ACK_WAIT).dead_letter_pause(Duration::from_millis(50)).run(stop.clone());
    let soon = tokio::spawn(soon);
    let good = event();
    servers.stream.publish(&good).await;
    assert_eq!(ear.wait_for_handled(1).await, [good]);
    stop.cancel();
    soon.await.unwrap();
}

#[tokio::test]
async fn an_event_that_is_not_due_is_redelivered_as_often_as_it_takes_and_blocks_no_other() {
    let servers = Servers::new().await;
    let early = event();
    let (is_due, of) = (Arc::new(AtomicBool::new(false)), early.id);
    let due = is_due.clone();
    let ear = Ear::new(move |event: Counted| {
        let is_due = event.id != of || due.load(Ordering::Relaxed);
        async move { if is_due { Ok(()) } else { Err(Failure::NotDue(Duration::from_millis(20))) } }
    });
    let _listening = ear.listen(servers.stream.broker());
    servers.stream.publish(&early).await;
    eventually("it is tried again and again", async || (ear.calls(of) > 10).then_some(())).await;
    let other = event();
    servers.stream.publish(&other).await;
    assert_eq!(ear.wait_for_handled(1).await, [other]);
    is_due.store(true, Ordering::Relaxed);
    ear.wait_for_handled(2).await;
    assert!(dead_letters::list(servers.stream.broker().jetstream()).await.unwrap().is_empty());
}

#[tokio::test]
async fn a_service_without_a_checkpoint_requests_the_state_of_everything_that_it_handles() {
    let servers = Servers::new().await;
    let store = Store { is_available: Arc::new(AtomicBool::new(true)), ..Store::default() };
    let stop = CancellationToken::new();
    let listening = Ear::content().listeners(servers.stream.broker(), ACK_WAIT).checkpoints(store).run(stop.clone());
    let listening = tokio::spawn(listening);
    let requests = servers.stream.wait_for(1, |_: &StateRequested| true).await;
    assert_eq!((requests[0].of.as_str(), requests[0].id, requests[0].since), ("ticket", None, None));
    stop.cancel();
    listening.await.unwrap();
}

#[tokio::test]
async fn the_checkpoint_of_a_replica_that_stays_empty_is_saved_between_two_requests() {
    let servers = Servers::new().await;
    let store = Store { is_available: Arc::new(AtomicBool::new(true)), ..Store::default() };
    let (saved, stop) = (store.saved.clone(), CancellationToken::new());
    let listening = Ear::content().listeners(servers.stream.broker(), ACK_WAIT).checkpoints(store).run(stop.clone());
    let listening = tokio::spawn(listening);
    eventually("it is saved again", async || (saved.load(Ordering::Relaxed) > 1).then_some(())).await;
    let requests = servers.stream.published::<StateRequested>().await;
    assert_eq!(requests.len(), 1, "it was saved without another request");
    stop.cancel();
    listening.await.unwrap();
}

#[tokio::test]
async fn requests_for_the_state_of_invented_aggregates_are_bounded() {
    let servers = Servers::new().await;
    let (broker, began) = (servers.stream.broker(), Instant::now());
    for _ in 0..300 {
        replica::request_state(broker, TICKET, Id::generate()).await;
    }
    let seconds = began.elapsed().as_secs() as usize + 1;
    let published = servers.stream.published::<StateRequested>().await.len();
    assert!((1..=50 * seconds).contains(&published), "{published} in {seconds} s");
}

#[tokio::test]
async fn the_state_of_one_aggregate_is_requested_once_in_some_seconds_however_many_ask() {
    let servers = Servers::new().await;
    let id = Id::generate();
    for _ in 0..20 {
        replica::request_state(servers.stream.broker(), TICKET, id).await;
    }
    // A new turn may begin in between.
    let published = servers.stream.published::<StateRequested>().await.len();
    assert!((1..=2).contains(&published), "{published}");
}
