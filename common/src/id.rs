//! The identity of every resource: a MongoDB ObjectId, known outside as 24 lower-case hex digits.

use std::fmt;
use std::str::FromStr;

use mongodb::bson::{error::Error as BsonError, oid::ObjectId};
use serde::de::Error;
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use utoipa::ToSchema;

use crate::timestamp::Timestamp;

/// An ObjectId that is written as text: in JSON, in paths and in the string fields of documents. A document's `_id` is
/// stored as the ObjectId itself, by [`as_object_id`].
///
/// Ids grow with the time of their creation, so sorting by id is sorting by age.
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, ToSchema)]
#[schema(value_type = String, pattern = "^[0-9a-f]{24}$", description = "24 lower-case hex digits.")]
pub struct Id(ObjectId);

impl Id {
    /// An id that nothing else has.
    pub fn generate() -> Self {
        Self(ObjectId::new())
    }

    /// When it was made, to the second, by the clock of whoever made it.
    pub fn made_at(self) -> Timestamp {
        Timestamp::from_millis(self.0.timestamp().timestamp_millis())
    }

    /// The id of these bytes, most significant first.
    pub const fn from_bytes(bytes: [u8; 12]) -> Self {
        Self(ObjectId::from_bytes(bytes))
    }
}

impl From<ObjectId> for Id {
    fn from(id: ObjectId) -> Self {
        Self(id)
    }
}

impl From<Id> for ObjectId {
    fn from(id: Id) -> Self {
        id.0
    }
}

impl FromStr for Id {
    type Err = BsonError;

    fn from_str(text: &str) -> Result<Self, BsonError> {
        ObjectId::parse_str(text).map(Self)
    }
}

impl fmt::Display for Id {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

impl fmt::Debug for Id {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl Serialize for Id {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Id {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        String::deserialize(deserializer)?.parse().map_err(D::Error::custom)
    }
}

/// `#[serde(with = "as_object_id")]`: an [`Id`] that is stored as an ObjectId.
pub mod as_object_id {
    use mongodb::bson::oid::ObjectId;
    use serde::{Deserialize, Deserializer, Serialize, Serializer};

    use super::Id;

    /// Writes the ObjectId.
    pub fn serialize<S: Serializer>(id: &Id, serializer: S) -> Result<S::Ok, S::Error> {
        id.0.serialize(serializer)
    }

    /// Reads the ObjectId.
    pub fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Id, D::Error> {
        ObjectId::deserialize(deserializer).map(Id)
    }
}
