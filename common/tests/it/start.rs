use std::time::{Duration, Instant};

use common::config::MongoConfig;
use common::error::StartError;
use common::mongo::{self, create_indexes, create_indexes_within};
use common::testing;
use infra_local::{Home, Mongod, ports};
use mongodb::bson::{Document, doc};
use mongodb::options::IndexOptions;
use mongodb::{Collection, IndexModel};

use crate::log::Log;

async fn collection(uri: &str) -> Collection<Document> {
    let config = MongoConfig { mongo_uri: uri.parse().unwrap() };
    mongo::connect(&config, "test").await.unwrap().collection("things")
}

fn unique() -> [IndexModel; 1] {
    let options = IndexOptions::builder().name("one".to_owned()).unique(true).build();
    [IndexModel::builder().keys(doc! {"name": 1}).options(options).build()]
}

#[tokio::test]
async fn a_database_that_is_unavailable_at_the_start_is_waited_for() {
    let log = Log::begin();
    let port = ports::free().unwrap();
    let things = collection(&format!("mongodb://127.0.0.1:{port}/test?directConnection=true")).await;
    let start = {
        let things = things.clone();
        tokio::spawn(async move { create_indexes(&things, unique()).await })
    };
    log.says("the database is unavailable, waiting for it").await;
    log.says("Connection refused").await;
    let _mongod = Mongod::start(Home::Temporary, Some(port)).await.unwrap();
    start.await.unwrap().unwrap();
    assert_eq!(things.list_index_names().await.unwrap(), ["_id_", "one"]);
}

#[tokio::test]
async fn a_user_that_is_made_after_the_start_is_waited_for() {
    let log = Log::begin();
    let mongod = testing::new_mongod().await;
    let with_user = mongod.url_for("test").replace("mongodb://", "mongodb://test:secret@");
    let things = collection(&with_user).await;
    let start = tokio::spawn(async move { create_indexes(&things, unique()).await });
    log.says("Authentication failed").await;
    let roles = vec![doc! {"role": "readWrite", "db": "test"}];
    let create = doc! {"createUser": "test", "pwd": "secret", "roles": roles};
    testing::open_database(&mongod.url_for("test")).await.run_command(create).await.unwrap();
    start.await.unwrap().unwrap();
    assert!(!log.text().contains("secret"), "{}", log.text());
}

#[tokio::test]
async fn a_database_that_stays_unavailable_ends_the_start_with_the_last_cause() {
    let nowhere = format!("mongodb://127.0.0.1:{}/test?directConnection=true", ports::free().unwrap());
    let things = collection(&nowhere).await;
    let Err(StartError::Unavailable(cause)) = create_indexes_within(Duration::from_secs(1), &things, unique()).await
    else {
        panic!("nobody is there");
    };
    assert!(cause.starts_with("no indexes on things: ") && cause.contains("Connection refused"), "{cause}");
}

#[tokio::test]
async fn documents_that_break_a_unique_index_end_the_start_at_once_with_index_and_key() {
    let things = collection(&testing::new_database().await).await;
    things.insert_many([doc! {"name": "twice"}, doc! {"name": "twice"}]).await.unwrap();
    let began = Instant::now();
    let Err(StartError::Unavailable(cause)) = create_indexes(&things, unique()).await else {
        panic!("the index was created");
    };
    assert!(cause.contains("one") && cause.contains("twice"), "{cause}");
    assert!(began.elapsed() < Duration::from_secs(10), "{:?}", began.elapsed());
}
