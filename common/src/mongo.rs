//! MongoDB: the connection, errors in our own terms, and aggregates that carry their outbox.

mod error;
mod indexes;
mod store;
mod together;
mod turns;
mod walk;

use std::time::Duration;

use mongodb::bson::doc;
use mongodb::options::{Acknowledgment, ClientOptions, CollectionOptions, ReadConcern, WriteConcern};
use mongodb::{Client, Collection, Database};

pub use error::{OnDuplicate, StoreError};
pub use indexes::{create_indexes, create_indexes_within};
pub use store::{Aggregate, Store};
pub use together::{Together, Update};
pub use turns::{BATCH, Turn, Turns, database_clock, in_batches, unjournaled};
pub use walk::{CHANGED_AT, Cursor, Walk, behind};

use crate::config::MongoConfig;
use crate::error::StartError;
use crate::telemetry;

/// How long an operation waits for a server that can take it. After that the caller gets 503, and may try again.
const SERVER_SELECTION: Duration = Duration::from_secs(3);

/// How often the driver checks a server. After a refused login it asks that server nothing else before the next check, so a
/// service whose user is created shortly after its start would wait for as long.
const HEARTBEAT: Duration = Duration::from_secs(2);

/// Connections kept to one server. A service is one of many that share it.
const MAX_CONNECTIONS: u32 = 64;

/// The service's database. Nothing is asked of the server yet.
pub async fn connect(config: &MongoConfig, service: &str) -> Result<Database, StartError> {
    let malformed = |error: mongodb::error::Error| StartError::configuration("MONGO_URI", error);
    let mut options = ClientOptions::parse(config.mongo_uri.expose()).await.map_err(malformed)?;
    options.app_name = Some(service.to_owned());
    options.server_selection_timeout = Some(SERVER_SELECTION);
    options.connect_timeout = Some(SERVER_SELECTION);
    options.heartbeat_freq = options.heartbeat_freq.or(Some(HEARTBEAT));
    options.max_pool_size = options.max_pool_size.or(Some(MAX_CONNECTIONS));
    options.tracing = Some(telemetry::of_the_driver());
    // What was answered must survive the server's death: a majority of the members has it in its journal.
    options.write_concern = Some(WriteConcern::builder().w(Acknowledgment::Majority).journal(true).build());
    let client = Client::with_options(options).map_err(malformed)?;
    client
        .default_database()
        .ok_or_else(|| StartError::configuration("MONGO_URI", "it names no database (mongodb://host:27017/name)"))
}

/// A collection that is read as a majority of the members has it: what a failover takes back was never there.
pub fn majority<T: Send + Sync>(database: &Database, name: &str) -> Collection<T> {
    let majority = CollectionOptions::builder().read_concern(ReadConcern::majority()).build();
    database.collection_with_options(name, majority)
}

/// Asks the database whether it answers. The error is what the driver says, for the operator.
pub async fn ping(database: &Database) -> Result<(), String> {
    database.run_command(doc! {"ping": 1}).await.map(|_| ()).map_err(|error| error.to_string())
}
