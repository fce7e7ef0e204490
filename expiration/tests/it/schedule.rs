use std::time::Duration;

use common::id::Id;
use expiration::schedule::LEASE;

use crate::app::{Environment, in_millis, tomorrow};

#[tokio::test]
async fn a_claimed_order_is_left_to_its_replica_for_the_lease() {
    let environment = Environment::new().await;
    let schedule = environment.schedule();
    schedule.add(Id::generate(), in_millis(-1)).await.unwrap();
    assert_eq!(schedule.claim(10).await.unwrap().0.len(), 1);
    let (due, next_in) = schedule.claim(10).await.unwrap();
    assert!(due.is_empty());
    assert!(next_in.unwrap() <= LEASE);
}

#[tokio::test]
async fn an_order_keeps_its_deadline_when_a_lease_ends() {
    let environment = Environment::new().await;
    let schedule = environment.schedule();
    let (order, deadline) = (Id::generate(), in_millis(-60_000));
    schedule.add(order, deadline).await.unwrap();
    for _ in 0..3 {
        let (due, _) = schedule.claim(10).await.unwrap();
        assert_eq!((due[0].order, due[0].deadline), (order, Some(deadline)));
        // The lease ends now.
        environment.db_schedule(order, in_millis(-1)).await;
    }
}

#[tokio::test]
async fn nothing_is_left_of_an_order_that_was_removed() {
    let environment = Environment::new().await;
    let schedule = environment.schedule();
    let orders: Vec<Id> = (0..10).map(|_| Id::generate()).collect();
    for order in &orders {
        schedule.add(*order, in_millis(-1)).await.unwrap();
    }
    schedule.claim(5).await.unwrap();
    schedule.remove(&orders).await.unwrap();
    assert_eq!(environment.db_keys().await, Vec::<String>::new());
}

#[tokio::test]
async fn a_full_redis_takes_claims_and_removals_but_no_deadline() {
    let environment = Environment::new().await;
    let schedule = environment.schedule();
    let [due, later, refused] = [Id::generate(), Id::generate(), Id::generate()];
    let deadline = in_millis(-1);
    schedule.add(due, deadline).await.unwrap();
    schedule.add(later, tomorrow()).await.unwrap();
    environment.db_maxmemory(1).await;
    schedule.add(refused, in_millis(-1)).await.unwrap();
    let (claimed, next_in) = schedule.claim(10).await.unwrap();
    assert_eq!(claimed.iter().map(|due| (due.order, due.deadline)).collect::<Vec<_>>(), [(due, Some(deadline))]);
    assert!(next_in.unwrap() > Duration::from_secs(1), "it is claimed for the lease");
    schedule.remove(&[due]).await.unwrap();
    assert_eq!(environment.db_scheduled().await, [later]);
}
