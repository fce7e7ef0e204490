//! An account.

use common::api::{SessionBody, UserBody};
use common::error::StartError;
use common::id::{Id, as_object_id};
use common::mongo::{self, StoreError};
use common::timestamp::Timestamp;
use mongodb::bson::doc;
use mongodb::bson::oid::ObjectId;
use mongodb::options::{Collation, CollationStrength, IndexOptions};
use mongodb::{Collection, Database, IndexModel};
use serde::{Deserialize, Serialize};

use super::email::Email;

/// A document of `users`, as the Node original stores it.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct User {
    /// The account.
    #[serde(rename = "_id", with = "as_object_id")]
    pub id: Id,
    /// Its address.
    pub email: String,
    /// The hash of its password, see [`crate::password`].
    pub password: String,
}

impl User {
    /// A new account.
    pub fn new(email: &Email, password_hash: String) -> Self {
        Self { id: Id::generate(), email: email.as_str().to_owned(), password: password_hash }
    }

    /// The answer of signing up and in.
    pub fn body(&self) -> UserBody {
        UserBody { id: self.id, email: self.email.clone() }
    }

    /// A session that begins now.
    pub fn session(&self) -> SessionBody {
        SessionBody { id: self.id, email: self.email.clone(), iat: Timestamp::now().millis() / 1000 }
    }
}

/// The collection `users`. Cheap to clone.
#[derive(Clone)]
pub struct Users(Collection<User>);

impl Users {
    /// The accounts of this database.
    pub fn new(database: &Database) -> Self {
        Self(database.collection("users"))
    }

    /// Creates the unique index of addresses. It fails when the database already holds an address twice.
    pub async fn create_indexes(&self) -> Result<(), StartError> {
        let options = IndexOptions::builder().unique(true).collation(without_case()).name("email".to_owned()).build();
        let index = IndexModel::builder().keys(doc! {"email": 1}).options(options).build();
        mongo::create_indexes(&self.0, [index]).await
    }

    /// The account with this address.
    pub async fn find(&self, email: &Email) -> Result<Option<User>, StoreError> {
        Ok(self.0.find_one(doc! {"email": email.as_str()}).collation(without_case()).await?)
    }

    /// Stores a new account.
    ///
    /// # Errors
    /// [`StoreError::Duplicate`] when the address has an account.
    pub async fn insert(&self, user: &User) -> Result<(), StoreError> {
        self.0.insert_one(user).await?;
        Ok(())
    }

    /// Replaces a password's hash, unless it was replaced in the meantime.
    pub async fn rehash(&self, user: &User, password_hash: String) -> Result<(), StoreError> {
        let unchanged = doc! {"_id": ObjectId::from(user.id), "password": &user.password};
        self.0.update_one(unchanged, doc! {"$set": {"password": password_hash}}).await?;
        Ok(())
    }
}

/// `Ann@Example.com` and `ann@example.com` are the same address; the original's documents hold either.
fn without_case() -> Collation {
    Collation::builder().locale("en").strength(CollationStrength::Secondary).build()
}
