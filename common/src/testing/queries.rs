//! Every query of a service has its index: MongoDB's profiler notes the others, whichever request, listener or sweep makes them.

use std::thread;

use futures::TryStreamExt;
use mongodb::Database;
use mongodb::bson::{Bson, Document, doc};

use super::{MONGOD, open_database};

/// What may read a whole collection, or sort what it has found: the collection, and a part of the query.
const ALLOWED: [(&str, &str); 5] = [
    // Each process knows all ended sessions. They are kept for seven days.
    ("endedSessions", r#""filter": {}"#),
    // Once when a process starts, in the background, for tickets that the original or an early version reserved.
    ("tickets", r#""ask": { "$exists": false }"#),
    // The plan of a search has counted that few match before it lets them be sorted.
    ("tickets", r#""hint": { "listed.sale.on": 1"#),
    // Once when a process starts, before the index that would refuse such payments of an early version.
    ("payments", r#""number": null, "original": null"#),
    // Only when an operator reconciles with the sandbox, which nobody uses for money.
    ("sandbox", r#"{ "createdAt": null }"#),
];

/// From now on what has no index is noted. What tests ask for themselves, by clients that have no name, is not.
pub(super) async fn watch(database: &Database) {
    database.run_command(doc! {"profile": 1, "filter": unindexed()}).await.expect("it profiles");
}

/// What reads a whole collection, and what sorts in memory without a limit.
fn unindexed() -> Document {
    let unlimited = doc! {
        "hasSortStage": true,
        "command.limit": {"$exists": false},
        "command.findAndModify": {"$exists": false},
    };
    // The first document of all is found at once.
    let any = doc! {"command.filter": {}, "command.limit": {"$exists": true}};
    let whole = doc! {"planSummary": {"$regex": "COLLSCAN"}, "$nor": [any]};
    doc! {"appName": {"$exists": true}, "op": {"$ne": "getmore"}, "$or": [whole, unlimited]}
}

/// Fails the test when it ends, if a query without an index was noted.
pub(super) struct Queries(pub Vec<String>);

impl Drop for Queries {
    fn drop(&mut self) {
        let Some(mongod) = MONGOD.get().filter(|_| !thread::panicking()) else { return };
        let urls = self.0.iter().filter(|name| name.starts_with("test-")).map(|name| mongod.url_for(name));
        // A runtime of its own, on a thread of its own: the test's is busy with this drop.
        let look = || tokio::runtime::Runtime::new().expect("a runtime").block_on(noted(urls.collect()));
        let noted = thread::scope(|scope| scope.spawn(look).join()).expect("it looks");
        assert!(noted.is_empty(), "queries without an index:\n{}", noted.join("\n"));
    }
}

async fn noted(urls: Vec<String>) -> Vec<String> {
    let mut noted = Vec::new();
    for url in urls {
        let database = open_database(&url).await;
        // A test may note more for itself.
        let found = database.collection("system.profile").find(unindexed()).await.expect("the profile is read");
        let found: Vec<Document> = found.try_collect().await.expect("the profile is read");
        // Left to itself, it would close its sessions after the runtime is gone.
        database.client().clone().shutdown().immediate(true).await;
        noted.extend(found.iter().filter(|query| !is_allowed(query) && !is_limited(query)).map(in_words));
    }
    noted.sort();
    noted.dedup();
    noted
}

fn is_allowed(query: &Document) -> bool {
    let (collection, text) = (query.get_str("ns").unwrap_or_default(), in_words(query));
    ALLOWED.iter().any(|(name, part)| collection.ends_with(&format!(".{name}")) && text.contains(part))
}

/// An aggregation that sorts says its limit in one of its stages.
fn is_limited(query: &Document) -> bool {
    let stages = query.get_document("command").and_then(|command| command.get_array("pipeline"));
    let is_limit = |stage: &Bson| stage.as_document().is_some_and(|stage| stage.contains_key("$limit"));
    !query.get_str("planSummary").unwrap_or_default().contains("COLLSCAN")
        && stages.is_ok_and(|stages| stages.iter().any(is_limit))
}

fn in_words(query: &Document) -> String {
    let mut command = query.get_document("command").cloned().unwrap_or_default();
    for noise in ["lsid", "$clusterTime", "$db", "txnNumber"] {
        command.remove(noise);
    }
    format!("{}: {command}", query.get_str("planSummary").unwrap_or_default())
}
