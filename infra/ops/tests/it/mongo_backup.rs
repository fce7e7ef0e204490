//! `ops mongo backup` and `ops mongo restore`.

use std::fs;
use std::path::Path;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};

use futures::TryStreamExt;
use infra_local::{Home, Mongod};
use mongodb::bson::{Bson, DateTime, Decimal128, Document, RawDocumentBuf, Regex, Timestamp, doc, oid::ObjectId};
use mongodb::{Client, Collection, Database};
use tempfile::TempDir;
use tokio::sync::OnceCell;

use crate::command::{Outcome, ops};

/// A new, empty database and a folder for its backups.
struct Place {
    database: Database,
    uri: String,
    folder: TempDir,
}

impl Place {
    async fn new() -> Self {
        static MONGOD: OnceCell<Mongod> = OnceCell::const_new();
        let start = || async { Mongod::start(Home::Temporary, None).await.unwrap() };
        let uri = MONGOD.get_or_init(start).await.url_for(&format!("test-{}", ObjectId::new().to_hex()));
        let database = Client::with_uri_str(&uri).await.unwrap().default_database().unwrap();
        Self { database, uri, folder: tempfile::tempdir().unwrap() }
    }

    async fn run(&self, arguments: &str) -> Outcome {
        let folder = self.folder.path().to_str().unwrap();
        ops(arguments, &[("MONGO_URI", &self.uri), ("BACKUP_DIR", folder)]).await
    }

    async fn fill(&self, collection: &str, count: i32) -> Collection<Document> {
        let collection = self.database.collection(collection);
        collection.insert_many((0..count).map(|number| doc! { "number": number })).await.unwrap();
        collection
    }

    /// The names in the folder of backups that do not begin with a dot, in order.
    fn names(&self) -> Vec<String> {
        names(self.folder.path()).into_iter().filter(|name| !name.starts_with('.')).collect()
    }

    /// All that there is to see of the database: options, indexes, the bytes of the documents.
    async fn content(&self) -> Vec<(Document, Vec<Document>, Vec<RawDocumentBuf>)> {
        let mut listed = self.list(doc! { "listCollections": 1 }).await;
        listed.sort_by_key(|entry| entry.get_str("name").unwrap().to_owned());
        let mut content = Vec::new();
        for mut entry in listed {
            entry.remove("info");
            let name = entry.get_str("name").unwrap().to_owned();
            let is_view = entry.get_str("type").unwrap() == "view";
            let indexes = if is_view { Vec::new() } else { self.list(doc! { "listIndexes": &name }).await };
            let documents = self.database.collection(&name).find(doc! {}).await.unwrap().try_collect().await.unwrap();
            content.push((entry, indexes, documents));
        }
        content
    }

    async fn list(&self, command: Document) -> Vec<Document> {
        self.database.run_cursor_command(command).await.unwrap().try_collect().await.unwrap()
    }
}

fn names(folder: &Path) -> Vec<String> {
    let mut names: Vec<String> =
        fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect();
    names.sort();
    names
}

/// A document with a value of every type.
fn every_type() -> Document {
    doc! {
        "_id": ObjectId::new(),
        "double": 1.0, "nan": f64::NAN, "int": 1, "long": 1_i64, "text": "ü", "bool": true, "null": null,
        "array": [1, "two", { "three": 3 }],
        "document": { "b": 1, "a": 2 },
        "binary": Bson::Binary(mongodb::bson::Binary { subtype: mongodb::bson::spec::BinarySubtype::Uuid, bytes: vec![7; 16] }),
        "date": DateTime::from_millis(-1), "timestamp": Timestamp { time: 1, increment: 2 },
        "regex": Bson::RegularExpression(Regex { pattern: "^a".try_into().unwrap(), options: "i".try_into().unwrap() }),
        "decimal": "1.10".parse::<Decimal128>().unwrap(),
        "min": Bson::MinKey, "max": Bson::MaxKey, "code": Bson::JavaScriptCode("1".to_owned()),
        "symbol": Bson::Symbol("s".to_owned()),
    }
}

#[tokio::test]
async fn what_was_backed_up_is_restored_to_the_byte_with_options_indexes_and_views() {
    let place = Place::new().await;
    let database = &place.database;
    place.fill("orders", 3000).await;
    let orders = database.collection::<Document>("orders");
    orders.insert_one(every_type()).await.unwrap();
    let live = doc! { "status": { "$in": ["created", "complete"] }, "ticket": { "$exists": true } };
    let indexes = vec![
        doc! { "name": "live", "key": { "ticket": 1 }, "unique": true, "partialFilterExpression": live },
        doc! { "name": "b_a", "key": { "b": 1, "a": -1 } },
        doc! { "name": "old", "key": { "z": 1.0 }, "expireAfterSeconds": 3600_i64, "sparse": true },
        doc! { "name": "dated", "key": { "d": 1 }, "partialFilterExpression": { "d": { "$gt": DateTime::from_millis(5) } } },
        doc! { "name": "text", "key": { "title": "text" }, "default_language": "german" },
    ];
    database.run_command(doc! { "createIndexes": "orders", "indexes": indexes }).await.unwrap();
    let collation = doc! { "locale": "en", "strength": 2 };
    database.run_command(doc! { "create": "names", "collation": collation }).await.unwrap();
    let validator =
        doc! { "$jsonSchema": { "required": ["number"], "properties": { "number": { "minimum": 0_i64 } } } };
    database.run_command(doc! { "create": "odd name ü:%2f", "validator": validator }).await.unwrap();
    place.fill("odd name ü:%2f", 2).await;
    let pipeline = vec![doc! { "$match": { "number": { "$lt": 2 } } }];
    database.run_command(doc! { "create": "a view", "viewOn": "orders", "pipeline": pipeline }).await.unwrap();

    let before = place.content().await;
    let outcome = place.run("mongo backup").await.expect_success();
    assert!(outcome.out.contains("orders: 3001 documents, "), "{outcome}");
    database.drop().await.unwrap();
    place
        .run("mongo restore")
        .await
        .expect_success()
        .expect_line("orders: 3001 documents, 6 indexes")
        .expect_line(&format!("{}: everything is restored", database.name()));
    assert_eq!(place.content().await, before);
}

#[tokio::test]
async fn the_files_are_laid_out_as_mongodump_does() {
    let place = Place::new().await;
    place.fill("tickets", 1).await;
    place.fill("odd/name", 1).await;
    place.run("mongo backup").await.expect_success();
    let names_of_backups = place.names();
    let [backup] = names_of_backups.as_slice() else { panic!("{names_of_backups:?}") };
    let time = backup.strip_prefix(&format!("{}-", place.database.name())).unwrap();
    assert!(time.len() == 16 && &time[8..9] == "T" && time.ends_with('Z'), "{backup}");
    let folder = place.folder.path().join(backup);
    let files = ["odd%2Fname.bson.gz", "odd%2Fname.metadata.json.gz", "tickets.bson.gz", "tickets.metadata.json.gz"];
    assert_eq!(names(&folder), files);
    let file = fs::File::open(folder.join("tickets.metadata.json.gz")).unwrap();
    let metadata: serde_json::Value = serde_json::from_reader(flate2::read::GzDecoder::new(file)).unwrap();
    let index =
        serde_json::json!({ "v": { "$numberInt": "2" }, "key": { "_id": { "$numberInt": "1" } }, "name": "_id_" });
    let expected = serde_json::json!({
        "options": {}, "indexes": [index], "collectionName": "tickets", "type": "collection"
    });
    assert_eq!(metadata, expected);
}

#[tokio::test]
async fn all_collections_are_of_the_same_moment() {
    let place = Place::new().await;
    let (one, other) = (place.fill("one", 20_000).await, place.fill("other", 20_000).await);
    let (stop, written) = (AtomicBool::new(false), AtomicU64::new(0));
    let write = async {
        while !stop.load(Ordering::Relaxed) {
            one.insert_one(doc! {}).await.unwrap();
            other.insert_one(doc! {}).await.unwrap();
            written.fetch_add(1, Ordering::Relaxed);
        }
    };
    let backup = async {
        let outcome = place.run("mongo backup").await;
        stop.store(true, Ordering::Relaxed);
        outcome
    };
    let (outcome, ()) = tokio::join!(backup, write);
    outcome.expect_success();
    assert!(written.load(Ordering::Relaxed) > 10, "nothing was written meanwhile");

    place.run("mongo restore --replace").await.expect_success();
    let (one, other) = (one.count_documents(doc! {}).await.unwrap(), other.count_documents(doc! {}).await.unwrap());
    assert!(one == other || one == other + 1, "{one} and {other}");
}

#[tokio::test]
async fn documents_are_not_overwritten_unless_that_is_wanted() {
    let place = Place::new().await;
    let orders = place.fill("orders", 5).await;
    place.run("mongo backup").await.expect_success();
    place.fill("orders", 1).await;
    place.fill("later", 1).await;
    let refused = place.run("mongo restore").await;
    assert!(refused.err.contains("later") && refused.err.contains("orders"), "{refused}");
    refused.expect_failure(1, "give --replace");
    assert_eq!(orders.count_documents(doc! {}).await.unwrap(), 6);

    place
        .run("mongo restore --replace")
        .await
        .expect_success()
        .expect_line("later: is not in the backup and stays as it is");
    assert_eq!(orders.count_documents(doc! {}).await.unwrap(), 5);
}

#[tokio::test]
async fn collections_that_are_empty_do_not_stand_in_the_way() {
    let place = Place::new().await;
    let orders = place.fill("orders", 5).await;
    place.run("mongo backup").await.expect_success();
    orders.delete_many(doc! {}).await.unwrap();
    place.run("mongo restore --from latest").await.expect_success();
    assert_eq!(orders.count_documents(doc! {}).await.unwrap(), 5);
}

#[tokio::test]
async fn a_named_backup_is_restored_into_another_database() {
    let (place, mut other) = (Place::new().await, Place::new().await);
    place.fill("orders", 5).await;
    place.run("mongo backup").await.expect_success();
    other.folder = place.folder;
    other.run("mongo restore").await.expect_failure(1, "there is no backup");
    let name = other.names().remove(0);
    other.run(&format!("mongo restore --from {name}")).await.expect_success();
    assert_eq!(other.database.collection::<Document>("orders").count_documents(doc! {}).await.unwrap(), 5);
}

#[tokio::test]
async fn a_damaged_backup_is_noticed_before_anything_is_dropped() {
    let place = Place::new().await;
    let orders = place.fill("orders", 500).await;
    place.run("mongo backup").await.expect_success();
    let path = place.folder.path().join(place.names().remove(0)).join("orders.bson.gz");
    let whole = fs::read(&path).unwrap();
    let mut changed = whole.clone();
    changed[whole.len() / 2] ^= 1;
    for damaged in [&whole[..whole.len() / 2], &whole[..whole.len() - 1], &[], &changed] {
        fs::write(&path, damaged).unwrap();
        place.run("mongo restore --replace").await.expect_failure(1, "orders.bson.gz is damaged");
    }
    assert_eq!(orders.count_documents(doc! {}).await.unwrap(), 500);
    fs::write(&path, whole).unwrap();
    place.run("mongo restore --replace").await.expect_success();
}

#[tokio::test]
async fn the_oldest_backups_make_room_and_what_was_left_unfinished_is_cleared() {
    let place = Place::new().await;
    place.fill("orders", 1).await;
    let name = place.database.name();
    let ours = ["20260101T000000Z", "20260102T000000Z", "20260103T000000Z"].map(|time| format!("{name}-{time}"));
    let foreign = [format!("{name}-old-20260101T000000Z"), format!("{name}-notes"), "lost+found".to_owned()];
    let unfinished = format!("{name}-20260104T000000Z.partial");
    for folder in ours.iter().chain(&foreign).chain([&unfinished]) {
        fs::create_dir(place.folder.path().join(folder)).unwrap();
        fs::write(place.folder.path().join(folder).join("file"), "").unwrap();
    }
    place
        .run("mongo backup --backup-keep 2")
        .await
        .expect_success()
        .expect_line(&format!("removed {unfinished}, which was never finished"))
        .expect_line(&format!("removed {}, the 2 newest are kept", ours[0]))
        .expect_line(&format!("removed {}, the 2 newest are kept", ours[1]));
    let left = place.names();
    assert!(foreign.iter().chain([&ours[2]]).all(|name| left.contains(name)), "{left:?}");
    assert_eq!(left.len(), foreign.len() + 2, "{left:?}");
    place.run("mongo restore --replace").await.expect_success();
}

#[tokio::test]
async fn a_backup_that_fails_leaves_the_others_and_is_none_itself() {
    let place = Place::new().await;
    let kept = format!("{}-20260101T000000Z", place.database.name());
    fs::create_dir(place.folder.path().join(&kept)).unwrap();
    for (unusual, words) in [
        (doc! { "create": "measured", "timeseries": { "timeField": "at" } }, "measured is a timeseries"),
        (doc! { "create": "last", "capped": true, "size": 65536 }, "last is capped"),
    ] {
        place.database.drop().await.unwrap();
        place.database.run_command(unusual).await.unwrap();
        place.run("mongo backup --backup-keep 1").await.expect_failure(1, words);
    }
    assert_eq!(place.names().iter().filter(|name| !name.ends_with(".partial")).collect::<Vec<_>>(), [&kept]);
    place.run("mongo restore --from ../x").await.expect_failure(1, "is not the name of a folder");
}

#[tokio::test]
async fn two_backups_of_one_store_do_not_get_in_each_others_way() {
    let place = Place::new().await;
    place.fill("orders", 1).await;
    let lock = fs::File::create(place.folder.path().join(format!(".{}.lock", place.database.name()))).unwrap();
    lock.lock().unwrap();
    place.run("mongo backup").await.expect_failure(1, "another backup of");
    lock.unlock().unwrap();
    place.run("mongo backup").await.expect_success();
}
