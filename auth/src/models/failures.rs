//! Failed sign-ins, counted for all replicas.

use std::time::Duration;

use common::error::StartError;
use common::mongo::{self, StoreError};
use mongodb::bson::{DateTime, Document, doc};
use mongodb::options::{IndexOptions, ReturnDocument};
use mongodb::{Collection, Database, IndexModel};
use serde::{Deserialize, Serialize};

use super::user::without_case;

/// How many failures have no consequence. The last of them and each further one is followed by a pause, twice as long as the
/// one before.
pub const FREE: i32 = 5;

/// The first pause, in milliseconds.
const FIRST_PAUSE_MS: i32 = 1000;

/// The longest pause, in milliseconds.
const LONGEST_PAUSE_MS: i32 = 15 * 60 * 1000;

/// How often the pause is doubled at most: then it is longer than the longest.
const DOUBLINGS: i32 = 10;

/// How long after the last failure they are forgotten.
const FORGET_AFTER_MS: i32 = 24 * 60 * 60 * 1000;

/// A document of `failures`: those at one address, with or without an account, of one device, or of
/// whoever has a session of one account.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Failure {
    whose: String,
    failures: i32,
    /// The end of the pause.
    until: DateTime,
    /// When it was counted last, or asked for in a pause.
    at: DateTime,
    /// Whether that was counted; in a pause nothing is.
    is_counted: bool,
    forget_at: DateTime,
}

/// What became of an attempt.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Counted {
    /// It is the so-many-th failure, until it turns out to be none.
    As(i32),
    /// It is refused: the pause is over after this time.
    Paused(Duration),
}

/// The collection `failures`. Cheap to clone.
#[derive(Clone)]
pub struct Failures(Collection<Failure>);

impl Failures {
    /// The failures in this database.
    pub fn new(database: &Database) -> Self {
        Self(database.collection("failures"))
    }

    /// Creates the unique index, which compares addresses as that of the accounts does, and the one that forgets.
    pub async fn create_indexes(&self) -> Result<(), StartError> {
        let unique = IndexOptions::builder().unique(true).collation(without_case()).name("whose".to_owned()).build();
        let forgets = IndexOptions::builder().expire_after(Duration::ZERO).name("forgetAt".to_owned()).build();
        let index = |keys, options| IndexModel::builder().keys(keys).options(options).build();
        let indexes = [index(doc! {"whose": 1}, unique), index(doc! {"forgetAt": 1}, forgets)];
        mongo::create_indexes(&self.0, indexes).await
    }

    /// Counts an attempt as failed before it is known whether it is, in one write: of many at the same time, each is counted.
    /// The database's clock decides, so that replicas agree.
    pub async fn count(&self, whose: &str) -> Result<Counted, StoreError> {
        let attempt = || {
            let options = (doc! {"whose": whose}, counted());
            let update = self.0.find_one_and_update(options.0, options.1).collation(without_case());
            update.upsert(true).return_document(ReturnDocument::After)
        };
        let counted = match attempt().await.map_err(StoreError::from) {
            // Another replica has counted the first failure at the same moment.
            Err(StoreError::Duplicate) => attempt().await?,
            counted => counted?,
        };
        let Failure { failures, until, at, is_counted, .. } = counted.ok_or(StoreError::NotFound)?;
        let pause = u64::try_from(until.timestamp_millis() - at.timestamp_millis()).unwrap_or(0);
        Ok(if is_counted { Counted::As(failures) } else { Counted::Paused(Duration::from_millis(pause)) })
    }

    /// Takes back an attempt that was counted as this failure, if none was counted since.
    pub async fn take_back(&self, whose: &str, failure: i32) -> Result<(), StoreError> {
        let counted = doc! {"whose": whose, "failures": failure};
        let before = vec![doc! {"$set": {"failures": failure - 1, "until": "$at"}}];
        self.0.update_one(counted, before).collation(without_case()).await?;
        Ok(())
    }

    /// Forgets the failures: an attempt has succeeded.
    pub async fn forget(&self, whose: &str) -> Result<(), StoreError> {
        self.0.delete_one(doc! {"whose": whose}).collation(without_case()).await?;
        Ok(())
    }
}

/// The update that counts one more, except in a pause. Attempts at the same time may be written in another order than they came
/// in, and `$$NOW` is when one came: time never goes back in a document, or one would find itself before a pause of no length.
fn counted() -> Vec<Document> {
    let now = doc! {"$max": ["$at", "$$NOW"]};
    let doublings = doc! {"$max": [0, {"$min": [DOUBLINGS, {"$subtract": ["$failures", FREE]}]}]};
    let pause = doc! {"$min": [LONGEST_PAUSE_MS, {"$multiply": [FIRST_PAUSE_MS, {"$pow": [2, doublings]}]}]};
    let pause = doc! {"$cond": [{"$lt": ["$failures", FREE]}, 0, pause]};
    let if_counted = |then: Document, field: &str| doc! {"$cond": ["$isCounted", then, field]};
    vec![
        doc! {"$set": {"at": now}},
        doc! {"$set": {"isCounted": {"$lte": [{"$ifNull": ["$until", "$at"]}, "$at"]}}},
        doc! {"$set": {"failures": {"$add": [{"$ifNull": ["$failures", 0]}, {"$cond": ["$isCounted", 1, 0]}]}}},
        doc! {"$set": {
            "until": if_counted(doc! {"$add": ["$at", pause]}, "$until"),
            "forgetAt": if_counted(doc! {"$add": ["$at", FORGET_AFTER_MS]}, "$forgetAt"),
        }},
    ]
}
