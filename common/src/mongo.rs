//! MongoDB: the connection, errors in our own terms, and aggregates that carry their outbox.

mod error;
mod indexes;
mod store;

use std::time::Duration;

use mongodb::bson::doc;
use mongodb::bson::oid::ObjectId;
use mongodb::options::{ClientOptions, WriteConcern};
use mongodb::{Client, Database};

pub use error::{OnDuplicate, StoreError};
pub use indexes::{create_indexes, create_indexes_within};
pub use store::{Aggregate, ChangeError, NoEvent, Store};

use crate::config::MongoConfig;
use crate::id::Id;
use crate::service::StartError;

/// How long an operation waits for a server that can take it. After that the caller hears 503, and may try again.
const SERVER_SELECTION: Duration = Duration::from_secs(3);

/// How often the driver asks a server how it is. After a refused login it asks no server anything else before that, so a
/// service whose user is made a moment after its start would wait for as long.
const HEARTBEAT: Duration = Duration::from_secs(2);

/// Connections kept to one server. A service is one of many that share it.
const MAX_CONNECTIONS: u32 = 64;

/// The service's database. Nothing is asked of the server yet.
///
/// # Errors
/// When the URI is malformed or names no database.
pub async fn connect(config: &MongoConfig, service: &str) -> Result<Database, StartError> {
    let malformed = |error: mongodb::error::Error| StartError::configuration("MONGO_URI", &error.to_string());
    let mut options = ClientOptions::parse(config.mongo_uri.expose()).await.map_err(malformed)?;
    options.app_name = Some(service.to_owned());
    options.server_selection_timeout = Some(SERVER_SELECTION);
    options.connect_timeout = Some(SERVER_SELECTION);
    options.heartbeat_freq = options.heartbeat_freq.or(Some(HEARTBEAT));
    options.max_pool_size = options.max_pool_size.or(Some(MAX_CONNECTIONS));
    // What was answered must survive the server's death: a majority of the members has it in its journal.
    options.write_concern =
        Some(WriteConcern::builder().w(mongodb::options::Acknowledgment::Majority).journal(true).build());
    let client = Client::with_options(options).map_err(malformed)?;
    client
        .default_database()
        .ok_or_else(|| StartError::configuration("MONGO_URI", "it names no database (mongodb://host:27017/name)"))
}

/// Asks the database whether it answers.
///
/// # Errors
/// What the driver says, for the operator's eyes.
pub async fn ping(database: &Database) -> Result<(), String> {
    database.run_command(doc! {"ping": 1}).await.map(|_| ()).map_err(|error| error.to_string())
}

impl Id {
    /// An id that nothing else has.
    pub fn generate() -> Self {
        ObjectId::new().into()
    }
}

impl From<ObjectId> for Id {
    fn from(id: ObjectId) -> Self {
        Self::from_bytes(id.bytes())
    }
}

impl From<Id> for ObjectId {
    fn from(id: Id) -> Self {
        Self::from_bytes(id.bytes())
    }
}

/// `#[serde(with = "common::mongo::object_id")]`: an [`Id`] that is stored as an ObjectId, as every `_id` is.
pub mod object_id {
    use mongodb::bson::oid::ObjectId;
    use serde::{Deserialize, Deserializer, Serialize, Serializer};

    use crate::id::Id;

    /// Writes the ObjectId.
    ///
    /// # Errors
    /// The serializer's own.
    pub fn serialize<S: Serializer>(id: &Id, serializer: S) -> Result<S::Ok, S::Error> {
        ObjectId::from(*id).serialize(serializer)
    }

    /// Reads the ObjectId.
    ///
    /// # Errors
    /// When it is something else.
    pub fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Id, D::Error> {
        ObjectId::deserialize(deserializer).map(Id::from)
    }
}

/// `#[serde(with = "common::mongo::date")]`: a [`Timestamp`](crate::timestamp::Timestamp) that is stored as a date.
pub mod date {
    use mongodb::bson::DateTime;
    use serde::{Deserialize, Deserializer, Serialize, Serializer};

    use crate::timestamp::Timestamp;

    /// Writes the date.
    ///
    /// # Errors
    /// The serializer's own.
    pub fn serialize<S: Serializer>(time: &Timestamp, serializer: S) -> Result<S::Ok, S::Error> {
        DateTime::from_millis(time.millis()).serialize(serializer)
    }

    /// Reads the date.
    ///
    /// # Errors
    /// When it is something else.
    pub fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Timestamp, D::Error> {
        DateTime::deserialize(deserializer).map(|time| Timestamp::from_millis(time.timestamp_millis()))
    }
}
