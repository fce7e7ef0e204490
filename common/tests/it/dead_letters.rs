use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use common::dead_letters::{self, DeadLetterError};
use common::id::Id;
use common::listener::Failure;

use crate::counter::{Counted, Servers};
use crate::ear::{Ear, NAME};

/// An ear that fails until it is mended, and two events that it has letter.
async fn two_dead_letters() -> (Servers, Ear, Arc<AtomicBool>, crate::ear::Listening, [Counted; 2]) {
    let servers = Servers::new().await;
    let mended = Arc::new(AtomicBool::new(false));
    let ear = Ear::new({
        let mended = mended.clone();
        move |_| {
            let mended = mended.load(Ordering::Relaxed);
            async move { if mended { Ok(()) } else { Err(Failure::Failed("broken".to_owned())) } }
        }
    });
    let listening = ear.listen(servers.stream.broker());
    let events = [0, 1].map(|version| Counted { id: Id::generate(), version });
    for event in &events {
        servers.stream.publish(event).await;
    }
    servers.stream.wait_until_handled(NAME).await;
    (servers, ear, mended, listening, events)
}

#[tokio::test]
async fn dead_letters_are_listed_and_shown_with_their_reason() {
    let (servers, _ear, _mended, _listening, events) = two_dead_letters().await;
    let jetstream = servers.stream.broker().jetstream();
    let listed = dead_letters::list(jetstream).await.unwrap();
    assert_eq!(listed.len(), 2);
    for letter in listed {
        let shown = dead_letters::show(jetstream, letter.number).await.unwrap();
        assert_eq!((shown.reason.as_str(), shown.service.as_str()), ("broken", NAME));
        assert_eq!(shown.payload, letter.payload);
        assert!(events.contains(&serde_json::from_slice(&shown.payload).unwrap()));
        assert!(shown.at.ends_with('Z'), "{}", shown.at);
    }
}

#[tokio::test]
async fn a_replayed_event_is_handled_again_and_no_longer_a_dead_letter() {
    let (servers, ear, mended, _listening, _) = two_dead_letters().await;
    let jetstream = servers.stream.broker().jetstream();
    mended.store(true, Ordering::Relaxed);
    let [first, second] = [0, 1].map(|at| async move { dead_letters::list(jetstream).await.unwrap()[at].clone() });
    let (first, second) = (first.await, second.await);
    dead_letters::replay(jetstream, first.number).await.unwrap();
    let handled = ear.wait_for_handled(1).await;
    assert_eq!(handled, [serde_json::from_slice::<Counted>(&first.payload).unwrap()]);
    let left = dead_letters::list(jetstream).await.unwrap();
    assert_eq!(left.iter().map(|letter| letter.number).collect::<Vec<_>>(), [second.number]);
    let again = dead_letters::replay(jetstream, first.number).await;
    assert!(matches!(again, Err(DeadLetterError::NotFound(number)) if number == first.number));
}

#[tokio::test]
async fn an_event_that_fails_again_after_its_replay_is_a_dead_letter_again() {
    let (servers, _ear, _mended, _listening, _) = two_dead_letters().await;
    let jetstream = servers.stream.broker().jetstream();
    for letter in dead_letters::list(jetstream).await.unwrap() {
        dead_letters::replay(jetstream, letter.number).await.unwrap();
    }
    servers.stream.wait_until_handled(NAME).await;
    let again = dead_letters::list(jetstream).await.unwrap();
    assert_eq!(again.len(), 2);
    assert!(again.iter().all(|letter| letter.number > 2));
}

#[tokio::test]
async fn a_dropped_event_is_gone() {
    let (servers, _ear, _mended, _listening, _) = two_dead_letters().await;
    let jetstream = servers.stream.broker().jetstream();
    let listed = dead_letters::list(jetstream).await.unwrap();
    dead_letters::drop_message(jetstream, listed[0].number).await.unwrap();
    assert!(matches!(dead_letters::show(jetstream, listed[0].number).await, Err(DeadLetterError::NotFound(_))));
    assert!(matches!(dead_letters::drop_message(jetstream, listed[0].number).await, Err(DeadLetterError::NotFound(_))));
    assert_eq!(dead_letters::list(jetstream).await.unwrap().len(), 1);
}
