use std::time::Duration;

use auth::models::failures::{Counted, Failures};
use common::testing;
use futures::TryStreamExt;
use futures::future::join_all;
use mongodb::bson::{Document, doc};

const WHOSE: &str = "address:ann@example.com";

async fn failures() -> (Failures, mongodb::Collection<Document>) {
    let database = testing::open_database(&testing::new_database().await).await;
    let failures = Failures::new(&database);
    failures.create_indexes().await.unwrap();
    (failures, database.collection("failures"))
}

#[tokio::test]
async fn attempts_at_the_same_time_are_counted_one_by_one_up_to_the_first_pause() {
    let (failures, _) = failures().await;
    let counted = join_all((0..20).map(|_| failures.count(WHOSE))).await;
    let mut counted: Vec<i32> = counted
        .into_iter()
        .filter_map(|counted| match counted.unwrap() {
            Counted::As(failure) => Some(failure),
            Counted::Paused(pause) => {
                assert!(pause <= Duration::from_secs(1), "{pause:?}");
                None
            }
        })
        .collect();
    counted.sort_unstable();
    assert!(counted.starts_with(&[1, 2, 3, 4, 5]), "{counted:?}");
}

#[tokio::test]
async fn an_attempt_that_came_before_one_that_is_counted_already_is_counted_too() {
    let (failures, documents) = failures().await;
    failures.count(WHOSE).await.unwrap();
    let later = doc! {"$add": ["$$NOW", 60_000]};
    documents.update_one(doc! {}, vec![doc! {"$set": {"at": later.clone(), "until": later}}]).await.unwrap();
    assert_eq!(failures.count(WHOSE).await.unwrap(), Counted::As(2));
    failures.take_back(WHOSE, 2).await.unwrap();
    assert_eq!(failures.count(WHOSE).await.unwrap(), Counted::As(2));
}

#[tokio::test]
async fn an_attempt_that_was_not_decided_is_taken_back_with_its_pause() {
    let (failures, documents) = failures().await;
    for failure in 1..=5 {
        assert_eq!(failures.count(WHOSE).await.unwrap(), Counted::As(failure));
    }
    failures.take_back(WHOSE, 4).await.unwrap();
    let count = async || documents.find_one(doc! {}).await.unwrap().unwrap().get_i32("failures").unwrap();
    assert_eq!(count().await, 5, "another was counted since");
    failures.take_back(WHOSE, 5).await.unwrap();
    assert_eq!(count().await, 4);
    assert_eq!(failures.count(WHOSE).await.unwrap(), Counted::As(5), "there is no pause");
}

#[tokio::test]
async fn failures_are_forgotten_a_day_after_the_last_one() {
    let (failures, documents) = failures().await;
    failures.count(WHOSE).await.unwrap();
    let counted = documents.find_one(doc! {}).await.unwrap().unwrap();
    let [at, forget_at] = ["at", "forgetAt"].map(|field| counted.get_datetime(field).unwrap().timestamp_millis());
    assert_eq!(forget_at - at, 24 * 60 * 60 * 1000);
    let indexes: Vec<_> = documents.list_indexes().await.unwrap().try_collect().await.unwrap();
    let index = indexes.iter().find(|index| index.keys == doc! {"forgetAt": 1}).unwrap();
    assert_eq!(index.options.as_ref().unwrap().expire_after, Some(Duration::ZERO));
}
