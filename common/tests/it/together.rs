use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use common::id::Id;
use common::mongo::{StoreError, Together, Update};
use common::testing;
use futures::future::join_all;
use mongodb::Collection;
use mongodb::bson::oid::ObjectId;
use mongodb::bson::{Document, RawDocumentBuf, doc, serialize_to_raw_document_buf};
use mongodb::{Database, IndexModel};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::time::timeout;

const WRITES: usize = 100;

async fn database() -> Database {
    testing::open_database(&testing::new_database().await).await
}

fn document(id: usize) -> RawDocumentBuf {
    serialize_to_raw_document_buf(&doc! {"_id": id as i64}).unwrap()
}

fn upsert(id: usize, version: i32) -> Update {
    let filter = doc! {"_id": id as i64, "version": {"$lt": version}};
    Update::upsert(filter, doc! {"$set": {"version": version}})
}

/// A way to the database on which the answer to the first update is lost.
async fn losing_an_answer(uri: &str) -> String {
    let address = uri.trim_start_matches("mongodb://").split('/').next().unwrap().to_owned();
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let lossy = uri.replace(&address, &listener.local_addr().unwrap().to_string());
    tokio::spawn(async move {
        let is_lost = Arc::new(AtomicBool::new(false));
        while let Ok((client, _)) = listener.accept().await {
            let server = TcpStream::connect(&address).await.unwrap();
            tokio::spawn(forward(client, server, is_lost.clone()));
        }
    });
    lossy
}

async fn forward(mut client: TcpStream, mut server: TcpStream, is_lost: Arc<AtomicBool>) -> std::io::Result<()> {
    let (mut question, mut answer) = (vec![0; 1 << 16], vec![0; 1 << 16]);
    let mut is_losing = false;
    loop {
        tokio::select! {
            read = client.read(&mut question) => {
                let asked = &question[..read?];
                let is_update = asked.windows(7).any(|part| part == b"updates");
                is_losing |= is_update && !is_lost.swap(true, Ordering::Relaxed);
                if asked.is_empty() { return Ok(()) } else { server.write_all(asked).await? }
            }
            read = server.read(&mut answer) => {
                let answered = &answer[..read?];
                if answered.is_empty() || is_losing { return Ok(()) } else { client.write_all(answered).await? }
            }
        }
    }
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
    let upserts = Together::updates(database.collection("documents"));
    let written = join_all((0..WRITES).map(|id| upserts.write(upsert(id, 5)))).await;
    for (id, written) in written.into_iter().enumerate() {
        assert_eq!(matches!(written, Err(StoreError::Duplicate)), id % 2 == 0, "{id}: {written:?}");
        assert_eq!(written.is_ok(), id % 2 == 1, "{id}: {written:?}");
    }
    assert_eq!(documents.count_documents(doc! {"version": 5}).await.unwrap() as usize, WRITES / 2);
}

#[tokio::test]
async fn a_guarded_update_is_refused_when_its_document_has_changed_or_gone() {
    let database = database().await;
    let documents: Collection<Document> = database.collection("documents");
    let ids: Vec<ObjectId> = (0..WRITES).map(|_| ObjectId::new()).collect();
    let known = ids.iter().enumerate().take(WRITES - 1);
    documents.insert_many(known.map(|(at, id)| doc! {"_id": id, "version": (at % 2) as i32})).await.unwrap();
    let updates = Together::updates(database.collection("documents"));
    let guarded = |id: usize| {
        updates.write(Update::guarded(ids[id], doc! {"version": 0}, doc! {"$set": {"version": 5}}, doc! {"version": 5}))
    };
    let written = join_all((0..WRITES).map(guarded)).await;
    for (id, written) in written.into_iter().enumerate() {
        assert_eq!(written.is_ok(), id % 2 == 0, "{id}: {written:?}");
        assert_eq!(matches!(written, Err(StoreError::Conflict)), id % 2 == 1, "{id}: {written:?}");
    }
    assert_eq!(documents.count_documents(doc! {"version": 5}).await.unwrap() as usize, WRITES / 2);
    assert_eq!(count(&documents).await, WRITES - 1);
}

#[tokio::test]
async fn a_guarded_update_whose_answer_is_lost_is_made_once_and_known_to_be_made() {
    let uri = testing::new_database().await;
    let documents: Collection<Document> = testing::open_database(&uri).await.collection("documents");
    let id = ObjectId::new();
    documents.insert_one(doc! {"_id": id, "version": 0, "times": 0}).await.unwrap();
    let lossy = testing::open_database(&losing_an_answer(&uri).await).await;
    let updates = Together::updates(lossy.collection("documents"));
    let once = doc! {"$set": {"version": 1}, "$inc": {"times": 1}};
    updates.write(Update::guarded(id, doc! {"version": 0}, once, doc! {"version": 1})).await.unwrap();
    assert_eq!(documents.find_one(doc! {}).await.unwrap().unwrap(), doc! {"_id": id, "version": 1, "times": 1});
}

#[tokio::test]
async fn an_update_that_is_refused_and_whose_answer_is_lost_is_refused() {
    let uri = testing::new_database().await;
    let documents: Collection<Document> = testing::open_database(&uri).await.collection("documents");
    let id = ObjectId::new();
    documents.insert_one(doc! {"_id": id, "version": 1, "by": "another"}).await.unwrap();
    let lossy = testing::open_database(&losing_an_answer(&uri).await).await;
    let updates = Together::updates(lossy.collection("documents"));
    let ours = doc! {"$set": {"version": 1, "by": "us"}};
    let written = updates
        .write(Update::guarded(id, doc! {"version": 0}, ours.clone(), ours.get_document("$set").unwrap().clone()))
        .await;
    assert!(matches!(written, Err(StoreError::Conflict)), "{written:?}");
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
