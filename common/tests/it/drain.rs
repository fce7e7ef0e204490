use std::collections::HashSet;
use std::sync::Arc;
use std::time::{Duration, Instant};

use common::id::Id;
use tokio::sync::Semaphore;

use crate::counter::{Counted, Servers};
use crate::ear::{Ear, NAME};

/// Well below the 30 s after which the broker itself would deliver again.
const AT_ONCE: Duration = Duration::from_secs(10);

/// An ear that waits for a permit before each success.
fn patient() -> (Ear, Arc<Semaphore>) {
    let permits = Arc::new(Semaphore::new(0));
    let given = permits.clone();
    let ear = Ear::new(move |_| {
        let permits = permits.clone();
        async move {
            permits.acquire().await.unwrap().forget();
            Ok(())
        }
    });
    (ear, given)
}

#[tokio::test]
async fn on_stop_what_has_begun_is_finished_and_what_waits_goes_to_another_replica_at_once() {
    let servers = Servers::new().await;
    let (stopping, permits) = patient();
    let listening = stopping.listen(servers.stream.broker());
    // More than a lane and the broker's first delivery hold, all of one aggregate.
    let id = Id::generate();
    for version in 0..200 {
        servers.stream.publish(&Counted { id, version }).await;
    }
    stopping.wait_for_begun(1).await;
    listening.begin_to_stop();
    permits.add_permits(1);
    let started = Instant::now();
    listening.stop().await;
    assert_eq!(stopping.handled(), [Counted { id, version: 0 }], "the one that had begun, and no other");

    let next = Ear::content();
    let _next = next.listen(servers.stream.broker());
    let versions: HashSet<i32> = next.wait_for_handled(199).await.into_iter().map(|event| event.version).collect();
    assert_eq!(versions, (1..200).collect());
    servers.stream.wait_until_handled(NAME).await;
    assert!(started.elapsed() < AT_ONCE, "{:?}", started.elapsed());
}

#[tokio::test]
async fn on_stop_an_event_that_keeps_failing_is_given_back() {
    let servers = Servers::new().await;
    let failing = Ear::new(async |_| Err(common::listener::Failure::Unavailable("the store".to_owned())));
    let listening = failing.listen(servers.stream.broker());
    let event = Counted { id: Id::generate(), version: 0 };
    servers.stream.publish(&event).await;
    failing.wait_for_begun(1).await;
    let started = Instant::now();
    listening.stop().await;
    let next = Ear::content();
    let _next = next.listen(servers.stream.broker());
    assert_eq!(next.wait_for_handled(1).await, [event]);
    assert!(started.elapsed() < AT_ONCE, "{:?}", started.elapsed());
}
