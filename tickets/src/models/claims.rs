//! Which ticket may carry which file: the unique id of a claim is the hash of the file's bytes.

use std::time::Duration;

use common::error::ApiError;
use common::id::{Id, as_object_id};
use common::mongo::{Store, StoreError};
use common::timestamp::{Timestamp, as_date};
use mongodb::bson::{Bson, DateTime, doc, oid::ObjectId, serialize_to_document};
use mongodb::{Collection, Database};
use serde::{Deserialize, Serialize};

use super::files::UPLOAD_LIMIT;
use super::ticket::Ticket;
use super::ticket::file::File;

/// A document of `claims`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Claim {
    /// SHA-256 of the file, in hex.
    #[serde(rename = "_id")]
    sha256: String,
    /// The ticket that carries the file, or for which it is being uploaded.
    #[serde(with = "as_object_id")]
    ticket: Id,
    /// The upload, which tells one claim of a ticket from the next.
    upload: ObjectId,
    #[serde(with = "as_date")]
    at: Timestamp,
    /// Who has bought it last, when it was sold here: nobody else may offer it again.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    owner: Option<Id>,
}

/// How long a claim stands for a file that its ticket does not carry: that of an upload that is under way.
const PENDING_FOR: Duration = UPLOAD_LIMIT;

/// How often a claim is decided again because another request has changed it.
const TURNS: usize = 5;

/// The claims. Cheap to clone.
#[derive(Clone)]
pub struct Claims(Collection<Claim>);

impl Claims {
    /// The claims of this database.
    pub fn new(database: &Database) -> Self {
        Self(database.collection("claims"))
    }

    /// Claims a file for this ticket of the offerer.
    ///
    /// # Errors
    /// 400 while it belongs to another ticket that was not withdrawn, unless the offerer has bought that one.
    pub async fn claim(&self, store: &Store<Ticket>, file: &File, ticket: Id, offerer: Id) -> Result<(), ApiError> {
        let sha256 = file.sha256.clone();
        let mut claim = Claim { sha256, ticket, upload: file.id, at: Timestamp::now(), owner: None };
        for _ in 0..TURNS {
            match self.0.insert_one(&claim).await.map_err(StoreError::from) {
                Err(StoreError::Duplicate) => {}
                inserted => return Ok(inserted.map(drop)?),
            }
            let Some(held) = self.0.find_one(doc! {"_id": &claim.sha256}).await.map_err(StoreError::from)? else {
                continue;
            };
            claim.owner = successor(store, &held, ticket, offerer).await?;
            if self.replace(&held, &claim).await? {
                return Ok(());
            }
            claim.owner = None;
        }
        Err(ApiError::Conflict)
    }

    async fn replace(&self, held: &Claim, next: &Claim) -> Result<bool, StoreError> {
        let is_held = doc! {"_id": &held.sha256, "upload": held.upload};
        let mut set = serialize_to_document(next)?;
        set.remove("_id");
        Ok(self.0.update_one(is_held, doc! {"$set": set}).await?.matched_count == 1)
    }

    /// The ticket does not carry the file any more. Whoever has bought it here stays the only one who may offer it again.
    pub async fn release(&self, file: &File) -> Result<(), StoreError> {
        let held = doc! {"_id": &file.sha256, "upload": file.id};
        let mut unsold = held.clone();
        unsold.insert("owner", Bson::Null);
        if self.0.delete_one(unsold).await?.deleted_count == 0 {
            let long_ago = doc! {"$set": {"at": DateTime::from_millis(0)}};
            self.0.update_one(held, long_ago).await?;
        }
        Ok(())
    }
}

/// Who owns the file when this ticket takes the claim over; a refusal when it may not.
async fn successor(store: &Store<Ticket>, held: &Claim, ticket: Id, offerer: Id) -> Result<Option<Id>, ApiError> {
    if held.ticket == ticket {
        return Ok(held.owner);
    }
    let holder = store.find(held.ticket).await?;
    if holder.as_ref().and_then(Ticket::buyer) == Some(offerer) {
        return Ok(Some(offerer));
    }
    let is_pending = held.at.after(PENDING_FOR) > Timestamp::now();
    let holds = |holder: Ticket| !holder.is_gone() && (holder.carries(&held.sha256) || is_pending);
    let is_owner = held.owner.is_none_or(|owner| owner == offerer);
    if holder.is_some_and(holds) || !is_owner {
        return Err(ApiError::refused("This ticket is already offered"));
    }
    Ok(held.owner)
}
