use common::error::ApiError;
use common::id::Id;
use common::mongo::{CHANGED_AT, StoreError};
use common::testing;
use futures::future::join_all;
use mongodb::IndexModel;
use mongodb::bson::oid::ObjectId;
use mongodb::bson::{Bson, doc};
use mongodb::options::IndexOptions;
use tokio::runtime::Handle;
use tokio::task::block_in_place;

use crate::counter::{Counted, Counter, Servers, count, insert, is_duplicate};

#[tokio::test]
async fn a_write_and_its_event_are_one_write() {
    let servers = Servers::new().await;
    let counters = servers.counters_without_relay().await;
    let counter = insert(&counters).await;
    count(&counters, counter.id).await.unwrap();
    let stored = servers.db_counter(counter.id).await;
    let outbox = stored.get_array("outbox").unwrap();
    let payloads: Vec<&str> =
        outbox.iter().map(|entry| entry.as_document().unwrap().get_str("payload").unwrap()).collect();
    let event = |version| serde_json::to_string(&Counted { id: counter.id, version }).unwrap();
    assert_eq!(stored.get_i32("version").unwrap(), 1);
    assert_eq!(payloads, [event(0), event(1)]);
}

#[tokio::test]
async fn what_is_refused_or_changes_nothing_writes_nothing() {
    let servers = Servers::new().await;
    let counters = servers.counters_without_relay().await;
    let counter = insert(&counters).await;
    let before = servers.db_counter(counter.id).await;
    let refused = counters.change(counter.id, |_| Err::<(), _>(ApiError::refused("no"))).await;
    assert!(matches!(refused, Err(ApiError::Refused(_))));
    let unchanged = counters.change(counter.id, |_| Ok::<_, StoreError>(None::<Counted>)).await;
    assert_eq!(unchanged.unwrap(), counter);
    assert_eq!(servers.db_counter(counter.id).await, before);
    assert!(matches!(count(&counters, Id::generate()).await, Err(StoreError::NotFound)));
}

#[tokio::test]
async fn what_another_process_has_changed_since_our_write_is_read_before_anything_is_refused() {
    let servers = Servers::new().await;
    let (ours, theirs) = (servers.counters_without_relay().await, servers.counters_without_relay().await);
    let counter = insert(&ours).await;
    count(&theirs, counter.id).await.unwrap();
    let unless_new = |counter: &mut Counter| match counter.version {
        0 => Err(ApiError::refused("it is new")),
        _ => Ok(counter.count()),
    };
    assert_eq!(ours.change(counter.id, unless_new).await.unwrap().version, 2);
    count(&theirs, counter.id).await.unwrap();
    assert_eq!(count(&ours, counter.id).await.unwrap().version, 4);
}

#[tokio::test]
async fn what_was_written_a_moment_ago_is_changed_without_being_read() {
    let servers = Servers::new().await;
    let counters = servers.counters_without_relay().await;
    // It counts as written for a second, which a slow machine may need.
    testing::eventually("a change that did not see what another has stored meanwhile", async || {
        let counter = insert(&counters).await;
        let named = doc! {"$set": {"label": "of another"}};
        servers.db_counters().update_one(doc! {"_id": ObjectId::from(counter.id)}, named).await.unwrap();
        let changed = count(&counters, counter.id).await.unwrap();
        assert_eq!(servers.db_counter(counter.id).await.get_str("label").unwrap(), "of another", "it is kept");
        changed.label.is_none().then_some(())
    })
    .await;
}

#[tokio::test]
async fn what_was_written_a_moment_ago_is_recalled_and_anything_else_is_read() {
    let servers = Servers::new().await;
    let counters = servers.counters_without_relay().await;
    testing::eventually("a counter that is recalled without being read", async || {
        let counter = insert(&counters).await;
        let named = doc! {"$set": {"label": "of another"}};
        servers.db_counters().update_one(doc! {"_id": ObjectId::from(counter.id)}, named).await.unwrap();
        let elsewhere = servers.counters_without_relay().await.recall(counter.id).await.unwrap();
        assert_eq!(elsewhere.unwrap().label.as_deref(), Some("of another"), "another process has not written it");
        counters.recall(counter.id).await.unwrap().unwrap().label.is_none().then_some(())
    })
    .await;
    assert!(counters.recall(Id::generate()).await.unwrap().is_none());
}

#[tokio::test]
async fn of_fifty_changes_at_once_each_raises_the_version_by_one_and_publishes_one_event() {
    let servers = Servers::new().await;
    let (counters, _relay) = servers.counters().await;
    let counter = insert(&counters).await;
    let changed = join_all((0..50).map(|_| count(&counters, counter.id))).await;
    let mut versions: Vec<i32> = changed.into_iter().map(|changed| changed.unwrap().version).collect();
    versions.sort();
    assert_eq!(versions, (1..=50).collect::<Vec<_>>());
    assert_eq!(counters.find(counter.id).await.unwrap().unwrap().version, 50);
    servers.db_outboxes_empty().await;
    let published: Vec<i32> =
        servers.stream.published::<Counted>().await.into_iter().map(|event| event.version).collect();
    assert_eq!(published, (0..=50).collect::<Vec<_>>());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_document_that_changes_under_every_decision_is_a_conflict_in_the_end() {
    let servers = Servers::new().await;
    let counters = servers.counters_without_relay().await;
    let counter = insert(&counters).await;
    let mut turns = 0;
    let meddled = counters
        .change(counter.id, |next| {
            turns += 1;
            // Somebody else is always faster.
            block_in_place(|| Handle::current().block_on(count(&counters, counter.id))).unwrap();
            Ok(next.count())
        })
        .await;
    assert!(matches!(meddled, Err(StoreError::Conflict)), "{meddled:?}");
    assert_eq!(counters.find(counter.id).await.unwrap().unwrap().version, turns);
}

#[tokio::test]
async fn a_duplicate_key_is_told_apart_and_publishes_nothing() {
    let servers = Servers::new().await;
    let (counters, relay) = servers.counters().await;
    let options =
        IndexOptions::builder().unique(true).partial_filter_expression(doc! {"label": {"$exists": true}}).build();
    let index = IndexModel::builder().keys(doc! {"label": 1}).options(options).build();
    counters.documents().create_index(index).await.unwrap();
    let labelled = || Counter { label: Some("one".to_owned()), ..Counter::new() };
    let first = labelled();
    assert!(!is_duplicate(counters.insert(&first, first.event()).await));
    let second = labelled();
    assert!(is_duplicate(counters.insert(&second, second.event()).await));
    let third = insert(&counters).await;
    let changed = counters
        .change(third.id, |third| {
            third.label = Some("one".to_owned());
            Ok(third.count())
        })
        .await;
    assert!(matches!(changed, Err(StoreError::Duplicate)), "{changed:?}");
    relay.stop().await;
    assert_eq!(servers.stream.published::<Counted>().await, [first.event(), third.event()]);
}

#[tokio::test]
async fn fields_of_others_stay_and_fields_that_are_none_go() {
    let servers = Servers::new().await;
    let counters = servers.counters_without_relay().await;
    let counter = Counter { label: Some("one".to_owned()), ..Counter::new() };
    counters.insert(&counter, ()).await.unwrap();
    let other = doc! {"$set": {"theirs": {"deep": [1, 2]}}};
    servers.db_counters().update_one(doc! {"_id": ObjectId::from(counter.id)}, other).await.unwrap();
    counters
        .change(counter.id, |counter| {
            counter.label = None;
            counter.version += 1;
            Ok::<_, StoreError>(())
        })
        .await
        .unwrap();
    let mut stored = servers.db_counter(counter.id).await;
    assert!(stored.remove(CHANGED_AT).is_some());
    let id = ObjectId::from(counter.id);
    let outbox = Vec::<Bson>::new();
    assert_eq!(stored, doc! {"_id": id, "version": 1, "outbox": outbox, "theirs": {"deep": [1, 2]}});
}

#[tokio::test]
async fn a_document_of_the_original_without_version_or_outbox_changes_like_any_other() {
    let servers = Servers::new().await;
    let (counters, relay) = servers.counters().await;
    let (without, with_zero) = (Id::generate(), Id::generate());
    servers.db_counters().insert_one(doc! {"_id": ObjectId::from(without)}).await.unwrap();
    servers.db_counters().insert_one(doc! {"_id": ObjectId::from(with_zero), "version": 0}).await.unwrap();
    for id in [without, with_zero] {
        assert_eq!(count(&counters, id).await.unwrap().version, 1);
        assert_eq!(servers.db_counter(id).await.get_i32("version").unwrap(), 1);
    }
    relay.stop().await;
    assert_eq!(servers.stream.published::<Counted>().await.len(), 2);
}

#[tokio::test]
async fn while_the_database_is_unavailable_a_write_says_so() {
    let servers = Servers::new().await;
    let mongod = testing::new_mongod().await;
    let database = mongod.url_for("away");
    let config = common::config::MongoConfig { mongo_uri: database.parse().unwrap() };
    let database = common::mongo::connect(&config, "test").await.unwrap();
    let (outbox, _relay) = servers.relay().await;
    let counters = common::mongo::Store::<Counter>::new(&database, outbox);
    let counter = insert(&counters).await;
    mongod.kill().await.unwrap();
    let fresh = Counter::new();
    let inserted = counters.insert(&fresh, fresh.event()).await;
    assert!(matches!(inserted, Err(StoreError::Unavailable(_))), "{inserted:?}");
    let changed = count(&counters, counter.id).await;
    assert!(matches!(changed, Err(StoreError::Unavailable(_))), "{changed:?}");
}

#[tokio::test]
async fn an_outbox_that_is_not_emptied_keeps_the_newest_events_which_say_it_all() {
    let servers = Servers::new().await;
    let counters = servers.counters_without_relay().await;
    let counter = insert(&counters).await;
    for _ in 0..20 {
        count(&counters, counter.id).await.unwrap();
    }
    let stored = servers.db_counter(counter.id).await;
    let outbox = stored.get_array("outbox").unwrap();
    let newest = outbox.last().unwrap().as_document().unwrap().get_str("payload").unwrap();
    assert_eq!((outbox.len(), newest.contains(r#""version":20"#)), (8, true), "{newest}");
}
