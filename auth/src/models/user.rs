//! An account.

use common::api::{SessionBody, UserBody};
use common::error::StartError;
use common::events::{SessionEnded, USER, UserDeleted};
use common::id::{Id, as_object_id};
use common::mongo::{Aggregate, Store, StoreError};
use common::outbox::{Entry, Publishes};
use common::timestamp::Timestamp;
use mongodb::IndexModel;
use mongodb::bson::oid::ObjectId;
use mongodb::bson::{DateTime, Document, doc};
use mongodb::options::{Collation, CollationStrength, IndexOptions};
use serde::{Deserialize, Serialize};

use super::email::Email;

/// A document of `users`, the original's fields and ours beside them.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct User {
    /// The account.
    #[serde(rename = "_id", with = "as_object_id")]
    pub id: Id,
    /// Its address.
    pub email: String,
    /// The hash of its password, see [`crate::password`].
    pub password: String,
    /// Whoever has the account reads the mail of its address.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    proven: bool,
    /// Documents of the original have none.
    #[serde(default)]
    version: i32,
    /// All its sessions have ended whose `iat` is earlier: whole seconds.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    sessions_ended_before: Option<DateTime>,
    /// Since when there is no such account. Its document stays, so that its last event can be published again.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    deleted_at: Option<DateTime>,
}

impl Aggregate for User {
    const COLLECTION: &'static str = "users";
    const KIND: &'static str = USER;

    fn id(&self) -> Id {
        self.id
    }

    fn version(&self) -> i32 {
        self.version
    }

    fn state(&self) -> Result<Option<Entry>, serde_json::Error> {
        match (self.deleted_at, self.sessions_ended_before) {
            (Some(_), _) => self.deleted().entry(),
            (None, Some(before)) => self.sessions_ended(before).entry(),
            (None, None) => Ok(None),
        }
    }
}

impl User {
    /// A new account.
    pub fn new(email: &Email, password_hash: String) -> Self {
        Self {
            id: Id::generate(),
            email: email.as_str().to_owned(),
            password: password_hash,
            proven: false,
            version: 0,
            sessions_ended_before: None,
            deleted_at: None,
        }
    }

    /// The answer of signing up and in.
    pub fn body(&self) -> UserBody {
        UserBody { id: self.id, email: self.email.clone() }
    }

    /// A session that begins now. Never before those that were ended: when all were ended in this very second, it begins with the next.
    pub fn session(&self) -> SessionBody {
        let now = Timestamp::now().millis() / 1000;
        let ended = self.sessions_ended_before.map_or(0, |before| before.timestamp_millis() / 1000);
        SessionBody { id: self.id, email: self.email.clone(), iat: now.max(ended), verified: self.proven }
    }

    /// Sets another password, and ends all sessions.
    pub fn change_password(&mut self, password_hash: String) -> SessionEnded {
        self.password = password_hash;
        // The next whole second: a token knows no part of it, and those of this second end too.
        let before = DateTime::from_millis((Timestamp::now().millis() / 1000 + 1) * 1000);
        let before = self.sessions_ended_before.map_or(before, |earlier| earlier.max(before));
        self.sessions_ended_before = Some(before);
        self.version += 1;
        self.sessions_ended(before)
    }

    /// Its address is proved by a link that was mailed to it.
    pub fn prove(&mut self) {
        if !self.proven {
            self.proven = true;
            self.version += 1;
        }
    }

    /// Whether its address is proved.
    pub fn is_proven(&self) -> bool {
        self.proven
    }

    /// Sets another password by a link that was mailed to its address, which that proves too, and ends all sessions.
    pub fn reset_password(&mut self, password_hash: String) -> SessionEnded {
        self.proven = true;
        self.change_password(password_hash)
    }

    /// Deletes the account: what is personal goes, and its address may sign up anew. No address is of this form, so that the index of
    /// addresses stays unique.
    pub fn delete(&mut self) -> UserDeleted {
        self.email = format!("deleted:{}", self.id);
        self.password = String::new();
        self.deleted_at = Some(DateTime::now());
        self.version += 1;
        self.deleted()
    }

    /// All its sessions have ended that began earlier.
    pub fn sessions_ended_before(&self) -> Option<DateTime> {
        self.sessions_ended_before
    }

    /// Whether there is no such account any more.
    pub fn is_deleted(&self) -> bool {
        self.deleted_at.is_some()
    }

    fn sessions_ended(&self, before: DateTime) -> SessionEnded {
        let before = Timestamp::from_millis(before.timestamp_millis());
        SessionEnded { user_id: self.id, session_id: None, before: Some(before) }
    }

    fn deleted(&self) -> UserDeleted {
        UserDeleted { id: self.id, version: self.version }
    }
}

/// Creates the unique index of addresses, and that of the original's passwords. It fails when the database already holds an address
/// twice.
pub async fn create_indexes(users: &Store<User>) -> Result<(), StartError> {
    let options = IndexOptions::builder().unique(true).collation(without_case()).name("email".to_owned()).build();
    let legacy = IndexOptions::builder().partial_filter_expression(legacy()).name("legacy".to_owned()).build();
    let index = |keys, options| IndexModel::builder().keys(keys).options(options).build();
    users.create_indexes([index(doc! {"email": 1}, options), index(doc! {"password": 1}, legacy)]).await
}

/// Whether a password is stored in the form of the original.
pub async fn any_legacy(users: &Store<User>) -> Result<bool, StoreError> {
    Ok(users.documents().count_documents(legacy()).limit(1).await? > 0)
}

/// The account with this address.
pub async fn with_email(users: &Store<User>, email: &Email) -> Result<Option<User>, StoreError> {
    Ok(users.documents().find_one(doc! {"email": email.as_str()}).collation(without_case()).await?)
}

/// Replaces a password's hash by another of the same password, unless it was replaced in the meantime.
pub async fn rehash(users: &Store<User>, user: &User, password_hash: String) -> Result<(), StoreError> {
    let unchanged = doc! {"_id": ObjectId::from(user.id), "password": &user.password};
    users.documents().update_one(unchanged, doc! {"$set": {"password": password_hash}}).await?;
    Ok(())
}

/// The original's hashes begin with a hex digit, ours with `$`, which sorts before.
fn legacy() -> Document {
    doc! {"password": {"$gte": "0"}}
}

/// `Ann@Example.com` and `ann@example.com` are the same address; the original's documents hold either.
pub(super) fn without_case() -> Collation {
    Collation::builder().locale("en").strength(CollationStrength::Secondary).build()
}
