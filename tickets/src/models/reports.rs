//! What visitors say against listings: one document for each visitor and listing.

use common::api::ReportBody;
use common::error::StartError;
use common::id::{Id, as_object_id};
use common::mongo::{self, StoreError};
use common::timestamp::{Timestamp, as_date};
use futures::TryStreamExt;
use mongodb::bson::{doc, oid::ObjectId};
use mongodb::options::IndexOptions;
use mongodb::{Collection, Database, IndexModel};
use serde::{Deserialize, Serialize};

/// A document of `reports`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Report {
    /// Younger reports have greater ids.
    #[serde(rename = "_id", with = "as_object_id")]
    pub id: Id,
    #[serde(with = "as_object_id")]
    ticket: Id,
    user_id: Id,
    reason: String,
    #[serde(with = "as_date")]
    at: Timestamp,
    /// An operator has looked at it and left the listing as it is.
    #[serde(default)]
    pub dismissed: bool,
}

impl Report {
    /// As operators see it, and who has sent it.
    pub fn body(self) -> ReportBody {
        ReportBody { user_id: self.user_id, reason: self.reason, at: self.at }
    }
}

/// The most reports of one listing that are shown.
const MOST_SHOWN: i64 = 50;

/// The collection of reports. Cheap to clone.
#[derive(Clone)]
pub struct Reports(Collection<Report>);

impl Reports {
    /// The reports of this database.
    pub fn new(database: &Database) -> Self {
        Self(database.collection("reports"))
    }

    /// One report for each visitor and listing; and those of a listing, the newest first.
    pub async fn create_indexes(&self) -> Result<(), StartError> {
        let once = IndexOptions::builder().unique(true).build();
        let of_visitor = IndexModel::builder().keys(doc! {"ticket": 1, "userId": 1}).options(once).build();
        let of_listing = IndexModel::builder().keys(doc! {"ticket": 1, "dismissed": 1, "_id": -1}).build();
        mongo::create_indexes(&self.0, [of_visitor, of_listing]).await
    }

    /// Stores what a visitor says, or finds what the same visitor has said of the listing before.
    pub async fn add(&self, ticket: Id, user_id: Id, reason: String) -> Result<Report, StoreError> {
        let report = Report { id: Id::generate(), ticket, user_id, reason, at: Timestamp::now(), dismissed: false };
        match self.0.insert_one(&report).await.map_err(StoreError::from) {
            Err(StoreError::Duplicate) => {
                let earlier = doc! {"ticket": ObjectId::from(ticket), "userId": user_id.to_string()};
                self.0.find_one(earlier).await?.ok_or(StoreError::Conflict)
            }
            inserted => inserted.map(|_| report),
        }
    }

    /// The reports of a listing that no operator has dismissed, the newest first.
    pub async fn open(&self, ticket: Id) -> Result<Vec<ReportBody>, StoreError> {
        let open = doc! {"ticket": ObjectId::from(ticket), "dismissed": false};
        let found = self.0.find(open).sort(doc! {"_id": -1}).limit(MOST_SHOWN).await?;
        Ok(found.map_ok(Report::body).try_collect().await?)
    }

    /// An operator dismisses the reports of a listing up to this one.
    pub async fn dismiss(&self, ticket: Id, latest: Id) -> Result<(), StoreError> {
        let seen = doc! {"ticket": ObjectId::from(ticket), "dismissed": false, "_id": {"$lte": ObjectId::from(latest)}};
        self.0.update_many(seen, doc! {"$set": {"dismissed": true}}).await?;
        Ok(())
    }
}
