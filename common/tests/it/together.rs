use std::time::Duration;

use common::id::Id;
use common::mongo::{StoreError, Together, Upsert};
use common::testing;
use futures::future::join_all;
use mongodb::Collection;
use mongodb::bson::oid::ObjectId;
use mongodb::bson::{Document, RawDocumentBuf, doc, serialize_to_raw_document_buf};
use mongodb::{Database, IndexModel};
use tokio::time::timeout;

const WRITES: usize = 100;

async fn database() -> Database {
    testing::open_database(&testing::new_database().await).await
}

fn document(id: usize) -> RawDocumentBuf {
    serialize_to_raw_document_buf(&doc! {"_id": id as i64}).unwrap()
}

fn upsert(id: usize, version: i32) -> Upsert {
    let filter = doc! {"_id": id as i64, "version": {"$lt": version}};
    Upsert { filter, update: doc! {"$set": {"version": version}}.into() }
}

async fn count(documents: &Collection<Document>) -> usize {
    documents.count_documents(doc! {}).await.unwrap() as usize
}

#[tokio::test]
async fn of_inserts_that_wait_at_the_same_time_each_is_answered_for_itself() {
    let database = database().await;
    let documents: Collection<Document> = database.collection("documents");
    let even = (0..WRITES).step_by(2).map(|id| doc! {"_id": id as i64});
    documents.insert_many(even).await.unwrap();
    let inserts = Together::inserts(database.collection("documents"));
    let written = join_all((0..WRITES).map(|id| inserts.write(document(id)))).await;
    for (id, written) in written.into_iter().enumerate() {
        assert_eq!(matches!(written, Err(StoreError::Duplicate)), id % 2 == 0, "{id}: {written:?}");
        assert_eq!(written.is_ok(), id % 2 == 1, "{id}: {written:?}");
    }
    assert_eq!(count(&documents).await, WRITES);
}

#[tokio::test]
async fn of_upserts_that_wait_at_the_same_time_each_is_answered_for_itself() {
    let database = database().await;
    let documents: Collection<Document> = database.collection("documents");
    let newer = (0..WRITES).step_by(2).map(|id| doc! {"_id": id as i64, "version": 9});
    documents.insert_many(newer).await.unwrap();
    let upserts = Together::upserts(database.collection("documents"));
    let written = join_all((0..WRITES).map(|id| upserts.write(upsert(id, 5)))).await;
    for (id, written) in written.into_iter().enumerate() {
        assert_eq!(matches!(written, Err(StoreError::Duplicate)), id % 2 == 0, "{id}: {written:?}");
        assert_eq!(written.is_ok(), id % 2 == 1, "{id}: {written:?}");
    }
    assert_eq!(documents.count_documents(doc! {"version": 5}).await.unwrap() as usize, WRITES / 2);
}

#[tokio::test]
async fn writes_that_wait_at_the_same_time_share_few_commands() {
    let database = database().await;
    database.run_command(doc! {"profile": 2}).await.unwrap();
    let documents: Collection<Document> = database.collection("documents");
    let inserts = Together::inserts(database.collection("documents"));
    join_all((0..WRITES).map(|id| inserts.write(document(id)))).await;
    let profile: Collection<Document> = database.collection("system.profile");
    let inserted = profile.count_documents(doc! {"op": "insert"}).await.unwrap() as usize;
    assert!((1..WRITES / 2).contains(&inserted), "{inserted} commands of {WRITES} inserts");
    assert_eq!(count(&documents).await, WRITES);
}

#[tokio::test]
async fn a_write_that_nobody_waits_for_goes_with_the_next_urgent_one() {
    let database = database().await;
    database.run_command(doc! {"profile": 2}).await.unwrap();
    let inserts = Together::inserts(database.collection("documents"));
    // None of the time passes after which it would go alone.
    tokio::time::pause();
    let [early, late] = [inserts.clone(), inserts];
    let early = tokio::spawn(async move { early.write_soon(document(0)).await });
    for _ in 0..16 {
        tokio::task::yield_now().await;
    }
    let late = tokio::spawn(async move { late.write(document(1)).await });
    for _ in 0..16 {
        tokio::task::yield_now().await;
    }
    tokio::time::resume();
    assert!(early.await.unwrap().is_ok() && late.await.unwrap().is_ok());
    let profile: Collection<Document> = database.collection("system.profile");
    assert_eq!(profile.count_documents(doc! {"op": "insert"}).await.unwrap(), 1);
}

#[tokio::test]
async fn a_write_that_nobody_waits_for_needs_no_other_one() {
    let database = database().await;
    let inserts = Together::inserts(database.collection("documents"));
    let written = timeout(Duration::from_secs(10), inserts.write_soon(document(0)));
    written.await.expect("it is sent alone").unwrap();
    assert_eq!(count(&database.collection("documents")).await, 1);
}

#[tokio::test]
async fn a_write_fails_alone_and_not_with_those_that_wait_at_the_same_time() {
    let database = database().await;
    let documents: Collection<Document> = database.collection("documents");
    let unique = mongodb::options::IndexOptions::builder().unique(true).build();
    documents.create_index(IndexModel::builder().keys(doc! {"seat": 1}).options(unique).build()).await.unwrap();
    let inserts = Together::inserts(database.collection("documents"));
    let seat = |seat: i32| serialize_to_raw_document_buf(&doc! {"_id": ObjectId::from(Id::generate()), "seat": seat});
    let written = join_all((0..WRITES).map(|asker| inserts.write(seat((asker / 10) as i32).unwrap()))).await;
    assert_eq!(written.iter().filter(|written| written.is_ok()).count(), WRITES / 10);
    assert!(written.iter().flat_map(|written| written.as_ref().err()).all(|it| matches!(it, StoreError::Duplicate)));
}

#[tokio::test]
async fn who_stops_waiting_takes_nothing_from_the_others() {
    let database = database().await;
    let inserts = Together::inserts(database.collection("documents"));
    let gone = inserts.clone();
    let impatient = tokio::spawn(async move { gone.write(document(WRITES)).await });
    let others = join_all((0..WRITES).map(|id| inserts.write(document(id))));
    // It has asked by now.
    tokio::task::yield_now().await;
    impatient.abort();
    assert!(others.await.into_iter().all(|written| written.is_ok()));
}
