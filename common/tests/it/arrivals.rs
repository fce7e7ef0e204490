use std::time::Duration;

use common::arrivals::Arrivals;
use common::id::Id;
use tokio::time::timeout;

use crate::counter::{Counted, Servers};
use crate::ear::Ear;

#[tokio::test]
async fn who_waits_for_an_event_is_woken_when_this_process_has_handled_it() {
    let servers = Servers::new().await;
    let broker = servers.stream.broker();
    let event = Counted { id: Id::generate(), version: 0 };
    let mut awaited = broker.arrivals().wait_for(event.id);
    let ear = Ear::content();
    let listening = ear.listen(broker);
    servers.stream.publish(&event).await;
    timeout(Duration::from_secs(30), awaited.arrived.changed()).await.expect("it is woken").unwrap();
    assert_eq!(ear.wait_for_handled(1).await, [event]);
    listening.stop().await;
}

#[test]
fn who_waits_for_an_event_is_not_woken_by_another() {
    let (arrivals, id) = (Arrivals::default(), Id::generate());
    let awaited = arrivals.wait_for(id);
    arrivals.note(|| Some(Id::generate()));
    assert!(!awaited.arrived.has_changed().unwrap());
    arrivals.note(|| Some(id));
    assert!(awaited.arrived.has_changed().unwrap());
}

#[test]
fn of_several_who_wait_for_an_event_each_is_woken_although_another_has_gone() {
    let (arrivals, id) = (Arrivals::default(), Id::generate());
    let (first, second) = (arrivals.wait_for(id), arrivals.wait_for(id));
    drop(first);
    arrivals.note(|| Some(id));
    assert!(second.arrived.has_changed().unwrap());
}

#[test]
fn an_event_that_nobody_waits_for_any_more_is_not_looked_at() {
    let (arrivals, id) = (Arrivals::default(), Id::generate());
    drop((arrivals.wait_for(id), arrivals.wait_for(id)));
    arrivals.note(|| panic!("somebody waits"));
}
