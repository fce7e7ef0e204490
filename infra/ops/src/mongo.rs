//! MongoDB: one replica set and one user for each service, dumps in the layout of the standard tools.

pub mod backup;
pub mod dump;
pub mod extended_json;
pub mod init;
pub mod member;
pub mod replica_set;
pub mod restore;
pub mod user;

use std::time::Duration;

use anyhow::Result;
use clap::Args;
use mongodb::bson::{Document, doc};
use mongodb::error::{Error, ErrorKind};
use mongodb::options::{Acknowledgment, ClientOptions, WriteConcern};
use mongodb::{Client, Database};

use crate::settings::{Secret, Usage};

/// How long an operation waits for a server that can take it.
const SERVER_SELECTION: Duration = Duration::from_secs(30);

/// The database that is backed up or restored.
#[derive(Args, Clone, Debug)]
pub struct Store {
    /// URI of the database, its name included: mongodb://user:password@host:27017/name?replicaSet=rs0
    #[arg(long, env = "MONGO_URI", hide_env_values = true, value_name = "URI")]
    pub mongo_uri: Secret,
}

impl Store {
    /// The client and the database that the URI names. Nothing is asked of the server yet.
    ///
    /// # Errors
    /// When the URI is malformed or names no database.
    pub async fn open(&self) -> Result<(Client, Database)> {
        let malformed = |error: Error| Usage(format!("MONGO_URI: {error}"));
        let mut options = ClientOptions::parse(self.mongo_uri.expose()).await.map_err(malformed)?;
        options.app_name = Some("ops".to_owned());
        options.server_selection_timeout = Some(SERVER_SELECTION);
        options.write_concern = Some(WriteConcern::builder().w(Acknowledgment::Majority).journal(true).build());
        let client = Client::with_options(options).map_err(malformed)?;
        let database = client.default_database();
        let database =
            database.ok_or_else(|| Usage("MONGO_URI: it names no database (mongodb://host:27017/name)".to_owned()))?;
        Ok((client, database))
    }
}

/// What a command carries that a majority of the members must have before it is answered.
fn majority() -> Document {
    doc! { "w": "majority", "wtimeout": 60_000 }
}

/// The code of the server's refusal, if it is one.
fn refusal(error: &Error) -> Option<i32> {
    match &*error.kind {
        ErrorKind::Command(command) => Some(command.code),
        _ => None,
    }
}
