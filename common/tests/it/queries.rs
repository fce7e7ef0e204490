use common::config::MongoConfig;
use common::mongo;
use common::service::Service;
use common::testing::{self, App};
use futures::TryStreamExt;
use mongodb::bson::{Document, doc};
use mongodb::{Collection, IndexModel};

/// A service that asks its database these, and the end of the test.
async fn end_after(ask: impl AsyncFnOnce(Collection<Document>)) {
    let config = MongoConfig { mongo_uri: testing::new_database().await.parse().unwrap() };
    let database = mongo::connect(&config, "test").await.unwrap();
    let things = database.collection("things");
    things.create_index(IndexModel::builder().keys(doc! {"indexed": 1}).build()).await.unwrap();
    things.insert_one(doc! {"indexed": 1, "other": 1}).await.unwrap();
    let app = App::start(Service::new().mongo(&database)).await;
    ask(things).await;
    drop(app);
}

#[tokio::test]
async fn a_test_whose_queries_have_indexes_ends_well() {
    end_after(async |things| {
        things.find_one(doc! {"indexed": 1}).await.unwrap();
        let sorted = things.find(doc! {"indexed": 1}).sort(doc! {"other": 1}).limit(10).await.unwrap();
        sorted.try_collect::<Vec<_>>().await.unwrap();
    })
    .await;
}

#[tokio::test]
#[should_panic(expected = r#"COLLSCAN: { "find": "things", "singleBatch": true, "limit": 1, "filter": { "other": 1 }"#)]
async fn a_test_fails_when_a_query_reads_the_whole_collection() {
    end_after(async |things| drop(things.find_one(doc! {"other": 1}).await.unwrap())).await;
}

#[tokio::test]
#[should_panic(expected = r#"COLLSCAN: { "q": { "other": 1 }"#)]
async fn a_test_fails_when_a_write_reads_the_whole_collection() {
    end_after(async |things| drop(things.update_one(doc! {"other": 1}, doc! {"$set": {"more": 1}}).await.unwrap()))
        .await;
}

#[tokio::test]
#[should_panic(expected = r#"IXSCAN { indexed: 1 }: { "find": "things""#)]
async fn a_test_fails_when_everything_that_is_found_is_sorted() {
    end_after(async |things| {
        let sorted = things.find(doc! {"indexed": 1}).sort(doc! {"other": 1}).await.unwrap();
        sorted.try_collect::<Vec<_>>().await.unwrap();
    })
    .await;
}
