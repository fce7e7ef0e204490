//! When a key of `JWT_KEY` began to sign, and so when the one before it was retired.

use std::time::Duration;

use common::mongo::StoreError;
use common::timestamp::Timestamp;
use mongodb::Database;
use mongodb::bson::{Document, doc};
use mongodb::options::ReturnDocument;

/// Replicas that have not got the new key yet go on signing with the old one: a rollout takes minutes.
const ROLLOUT: Duration = Duration::from_secs(15 * 60);

/// Until when tokens of another key than this one were signed by ourselves. The first process that signs with a key stores its name, which
/// does not tell it, and the time.
pub async fn others_retired(database: &Database, name: &str) -> Result<Timestamp, StoreError> {
    let keys = database.collection::<Document>("signingKeys");
    let first = doc! {"$setOnInsert": {"since": mongodb::bson::DateTime::now()}};
    let upsert = || {
        keys.find_one_and_update(doc! {"_id": name}, first.clone()).upsert(true).return_document(ReturnDocument::After)
    };
    let stored = match upsert().await.map_err(StoreError::from) {
        // Another replica has just inserted it.
        Err(StoreError::Duplicate) => upsert().await?,
        stored => stored?,
    };
    let since = stored.and_then(|key| key.get_datetime("since").ok().copied()).ok_or(StoreError::NotFound)?;
    Ok(Timestamp::from_millis(since.timestamp_millis()).after(ROLLOUT))
}
