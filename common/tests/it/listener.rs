use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use common::dead_letters;
use common::events::Event;
use common::id::Id;
use common::listener::Failure;
use common::nats;
use common::testing::{Stream, eventually};
use infra_local::{Home, Nats};
use tokio::sync::{Barrier, Notify};
use tokio::task::yield_now;

use crate::counter::{Counted, Servers};
use crate::ear::{Ear, NAME};

fn event(id: Id, version: i32) -> Counted {
    Counted { id, version }
}

async fn dead_letters(stream: &Stream) -> usize {
    dead_letters::list(stream.broker().jetstream()).await.unwrap().len()
}

#[tokio::test]
async fn an_event_that_was_published_again_is_heard_again() {
    let servers = Servers::new().await;
    let ear = Ear::content();
    let _listening = ear.listen(servers.stream.broker());
    let event = event(Id::generate(), 0);
    for _ in 0..3 {
        servers.stream.publish(&event).await;
    }
    servers.stream.wait_until_handled(NAME).await;
    assert_eq!(ear.handled(), [event.clone(), event.clone(), event]);
}

#[tokio::test]
async fn what_was_published_before_anybody_listened_is_heard() {
    let servers = Servers::new().await;
    let event = event(Id::generate(), 0);
    servers.stream.publish(&event).await;
    let ear = Ear::content();
    let _listening = ear.listen(servers.stream.broker());
    assert_eq!(ear.wait_for_handled(1).await, [event]);
}

#[tokio::test]
async fn what_one_replica_has_acked_no_other_hears() {
    let servers = Servers::new().await;
    let (one, other) = (Ear::content(), Ear::content());
    let _one = one.listen(servers.stream.broker());
    let _other = other.listen(servers.stream.broker());
    for version in 0..100 {
        servers.stream.publish(&event(Id::generate(), version)).await;
    }
    servers.stream.wait_until_handled(NAME).await;
    let mut versions: Vec<i32> = one.handled().into_iter().chain(other.handled()).map(|event| event.version).collect();
    versions.sort();
    assert_eq!(versions, (0..100).collect::<Vec<_>>());
}

#[tokio::test]
async fn events_of_one_aggregate_are_handled_one_after_another_in_their_order() {
    let servers = Servers::new().await;
    let under_way = Arc::new(Mutex::new(Vec::<Id>::new()));
    let ear = Ear::new(move |event| {
        let under_way = under_way.clone();
        async move {
            {
                let mut under_way = under_way.lock().unwrap();
                assert!(!under_way.contains(&event.id), "two events of one aggregate at the same time");
                under_way.push(event.id);
            }
            for _ in 0..20 {
                yield_now().await;
            }
            under_way.lock().unwrap().retain(|id| *id != event.id);
            Ok(())
        }
    });
    let _listening = ear.listen(servers.stream.broker());
    let aggregates: Vec<Id> = (0..10).map(|_| Id::generate()).collect();
    for version in 0..20 {
        for id in &aggregates {
            servers.stream.publish(&event(*id, version)).await;
        }
    }
    let handled = ear.wait_for_handled(200).await;
    for id in aggregates {
        let versions: Vec<i32> = handled.iter().filter(|event| event.id == id).map(|event| event.version).collect();
        assert_eq!(versions, (0..20).collect::<Vec<_>>());
    }
    assert_eq!(dead_letters(&servers.stream).await, 0, "no call panicked");
}

#[tokio::test]
async fn events_of_different_aggregates_are_handled_at_the_same_time() {
    let servers = Servers::new().await;
    // Nobody gets past it alone.
    let meeting = Arc::new(Barrier::new(2));
    let ear = Ear::new(move |_| {
        let meeting = meeting.clone();
        async move {
            meeting.wait().await;
            Ok(())
        }
    });
    let _listening = ear.listen(servers.stream.broker());
    // Of so many, two at least are handled on different lanes; then two more, and so on.
    for _ in 0..16 {
        servers.stream.publish(&event(Id::generate(), 0)).await;
    }
    ear.wait_for_handled(2).await;
}

#[tokio::test]
async fn while_something_is_unavailable_an_event_is_retried_and_never_a_dead_letter() {
    let servers = Servers::new().await;
    let tries = Arc::new(AtomicU32::new(0));
    let ear = Ear::new(move |_| {
        // More often than a failing handler is allowed.
        let away = tries.fetch_add(1, Ordering::Relaxed) < 6;
        async move { if away { Err(Failure::Unavailable("the store".to_owned())) } else { Ok(()) } }
    });
    let _listening = ear.listen(servers.stream.broker());
    servers.stream.publish(&event(Id::generate(), 0)).await;
    ear.wait_for_handled(1).await;
    assert_eq!(ear.begun().len(), 7);
    assert_eq!(dead_letters(&servers.stream).await, 0);
}

#[tokio::test]
async fn an_event_that_fails_or_panics_becomes_a_dead_letter_and_blocks_no_other() {
    let servers = Servers::new().await;
    let (failing, panicking) = (Id::generate(), Id::generate());
    let ear = Ear::new(move |event| async move {
        assert!(event.id != panicking, "the handler has a bug");
        let poisonous = event.id == failing && event.version == 0;
        if poisonous { Err(Failure::Failed("no such\nthing".to_owned())) } else { Ok(()) }
    });
    let _listening = ear.listen(servers.stream.broker());
    let trace = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01";
    let payload = serde_json::to_vec(&event(failing, 0)).unwrap();
    let poison = nats::message("its-id", trace, payload.clone());
    servers.stream.broker().jetstream().send_publish(Counted::SUBJECT, poison).await.unwrap().await.unwrap();
    servers.stream.publish(&event(panicking, 0)).await;
    servers.stream.publish(&event(failing, 1)).await;
    let healthy = Id::generate();
    servers.stream.publish(&event(healthy, 0)).await;
    servers.stream.wait_until_handled(NAME).await;

    assert_eq!((ear.calls(failing), ear.calls(panicking), ear.calls(healthy)), (6, 5, 1));
    assert_eq!(ear.handled().len(), 2, "the next event of the same aggregate, and another aggregate's");
    let jetstream = servers.stream.broker().jetstream();
    let mut all = dead_letters::list(jetstream).await.unwrap();
    all.sort_by_key(|letter| letter.reason.clone());
    assert_eq!(
        all.iter().map(|letter| letter.reason.as_str()).collect::<Vec<_>>(),
        ["no such thing", "the handler panicked"]
    );
    let letter = &all[0];
    assert_eq!((letter.service.as_str(), letter.subject.as_str()), (NAME, Counted::SUBJECT));
    assert_eq!(letter.payload, payload);
    let stored =
        jetstream.get_stream(dead_letters::STREAM).await.unwrap().get_raw_message(letter.number).await.unwrap();
    let header = |name: &str| stored.headers.get(name).unwrap().to_string();
    assert_eq!(header("traceparent"), trace);
    assert_eq!(header("Schema-Version"), "1");
    assert_eq!(header("Dead-Letter-Msg-Id"), "its-id");
}

#[tokio::test]
async fn an_undecodable_message_is_a_dead_letter_at_once_and_unknown_fields_are_ignored() {
    let servers = Servers::new().await;
    let ear = Ear::content();
    let _listening = ear.listen(servers.stream.broker());
    let no_events: [&[u8]; 5] = [b"", b"{", b"\xff\xfe", b"{\"id\":\"1\",\"version\":0}", b"[]"];
    for payload in no_events {
        servers.stream.publish_raw(Counted::SUBJECT, payload).await;
    }
    let id = Id::generate();
    let newer = format!(r#"{{"id":"{id}","version":1,"colour":"red"}}"#);
    servers.stream.publish_raw(Counted::SUBJECT, newer.as_bytes()).await;
    servers.stream.wait_until_handled(NAME).await;
    assert_eq!(ear.begun(), [event(id, 1)]);
    let all = dead_letters::list(servers.stream.broker().jetstream()).await.unwrap();
    assert_eq!(all.len(), no_events.len());
    assert!(all.iter().all(|letter| letter.reason.starts_with("not a valid ticket.counted: ")), "{all:?}");
}

#[tokio::test]
async fn what_a_killed_process_was_handling_the_next_one_handles() {
    let servers = Servers::new().await;
    let ack_wait = Duration::from_millis(500);
    let stuck = Ear::new(|_| std::future::pending());
    let killed = stuck.listen_with(servers.stream.broker(), ack_wait);
    let event = event(Id::generate(), 0);
    servers.stream.publish(&event).await;
    stuck.wait_for_begun(1).await;
    killed.kill().await;
    let ear = Ear::content();
    let _next = ear.listen_with(servers.stream.broker(), ack_wait);
    assert_eq!(ear.wait_for_handled(1).await, [event]);
    servers.stream.wait_until_handled(NAME).await;
}

#[tokio::test]
async fn when_the_broker_comes_back_listening_goes_on() {
    let servers = Servers::new().await;
    let ear = Ear::content();
    let _listening = ear.listen(servers.stream.broker());
    servers.stream.publish(&event(Id::generate(), 0)).await;
    ear.wait_for_handled(1).await;
    servers.nats.kill().await.unwrap();
    servers.nats.restart().await.unwrap();
    let stream = Stream::open(&servers.nats).await;
    stream.publish(&event(Id::generate(), 1)).await;
    ear.wait_for_handled(2).await;
}

#[tokio::test]
async fn a_handler_that_is_at_work_while_the_broker_goes_and_comes_is_not_disturbed() {
    let servers = Servers::new().await;
    let gate = Arc::new(Notify::new());
    let opened = gate.clone();
    let ear = Ear::new(move |_| {
        let gate = gate.clone();
        async move {
            gate.notified().await;
            Ok(())
        }
    });
    let _listening = ear.listen_with(servers.stream.broker(), Duration::from_secs(2));
    servers.stream.publish(&event(Id::generate(), 0)).await;
    ear.wait_for_begun(1).await;
    servers.nats.kill().await.unwrap();
    opened.notify_one();
    ear.wait_for_handled(1).await;
    // The ack went nowhere: the event comes again, which is harmless, and this time the broker hears of it.
    servers.nats.restart().await.unwrap();
    opened.notify_one();
    Stream::open(&servers.nats).await.wait_until_handled(NAME).await;
}

#[tokio::test]
async fn a_broker_that_lost_its_data_gets_its_stream_and_consumer_again() {
    let servers = Servers::new().await;
    let ear = Ear::content();
    let _listening = ear.listen(servers.stream.broker());
    servers.stream.publish(&event(Id::generate(), 0)).await;
    ear.wait_for_handled(1).await;
    let port = servers.nats.url().rsplit(':').next().unwrap().parse().unwrap();
    servers.nats.kill().await.unwrap();
    let empty = Nats::start(Home::Temporary, Some(port)).await.unwrap();
    let stream = Stream::open(&empty).await;
    stream.publish(&event(Id::generate(), 1)).await;
    ear.wait_for_handled(2).await;
    eventually("the consumer is there", async || {
        let stream = stream.broker().jetstream().get_stream(common::events::STREAM).await.ok()?;
        stream.consumer_info(NAME).await.ok().map(drop)
    })
    .await;
}
