//! One member of a replica set, spoken to directly: as long as there is no set, there is no other way.

use std::fmt;
use std::str::FromStr;
use std::time::Duration;

use anyhow::{Context, Result, anyhow};
use mongodb::bson::{Document, doc};
use mongodb::error::{Error, ErrorKind};
use mongodb::options::{AuthMechanism, ClientOptions, Credential, ServerAddress};
use mongodb::{Client, Database};

use super::refusal;
use crate::patience::Attempt;
use crate::reach;
use crate::settings::Secret;

/// How long one question to a member may wait for a connection.
const SERVER_SELECTION: Duration = Duration::from_secs(3);

/// NotYetInitialized: the member has no configuration.
const NOT_YET_INITIALIZED: i32 = 94;

/// Host and port of a member, as they stand in the set's configuration.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Host(String);

impl FromStr for Host {
    type Err = &'static str;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let text = text.trim().to_lowercase();
        match text.rsplit_once(':') {
            Some((host, port)) if !host.is_empty() && port.parse::<u16>().is_ok() => Ok(Self(text)),
            _ => Err("a member is HOST:PORT"),
        }
    }
}

impl fmt::Display for Host {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// A direct connection with all rights: every member logs in at the others as `__system`, with the text of the key file.
#[derive(Debug)]
pub struct Member {
    /// Where it is.
    pub host: Host,
    admin: Database,
}

impl Member {
    /// Nothing is asked of the member yet.
    ///
    /// # Errors
    /// When the address cannot be one.
    pub fn new(host: &Host, key: &Secret) -> Result<Self> {
        let credential = Credential::builder()
            .username("__system".to_owned())
            .source("local".to_owned())
            .password(key.expose().to_owned())
            .mechanism(AuthMechanism::ScramSha256)
            .build();
        Ok(Self { host: host.clone(), admin: connect(host, credential)?.database("admin") })
    }

    /// Runs a command with all rights.
    ///
    /// # Errors
    /// What the driver says.
    pub async fn run(&self, command: Document) -> mongodb::error::Result<Document> {
        self.run_in("admin", command).await
    }

    /// Runs a command on a database with all rights.
    ///
    /// # Errors
    /// What the driver says.
    pub async fn run_in(&self, database: &str, command: Document) -> mongodb::error::Result<Document> {
        self.admin.client().database(database).run_command(command).await
    }

    /// Whether it answers and knows the key.
    ///
    /// # Errors
    /// When its key is another: waiting would not help.
    pub async fn answers(&self) -> Result<Attempt<()>> {
        // Asked first because the driver's own answer is long and comes late.
        if let Err(error) = reach::connect(&self.host.0).await {
            return Ok(Attempt::NotYet(anyhow!(error)));
        }
        match self.run(doc! { "hello": 1 }).await {
            Ok(_) => Ok(Attempt::Done(())),
            Err(error) if is_unknown_login(&error) => {
                Err(error).with_context(|| format!("{} does not take the key of the key file", self.host))
            }
            Err(error) => Ok(Attempt::NotYet(error.into())),
        }
    }

    /// Whether it takes writes.
    pub async fn is_primary(&self) -> bool {
        let hello = self.run(doc! { "hello": 1 }).await.unwrap_or_default();
        hello.get_bool("isWritablePrimary").unwrap_or(false)
    }

    /// The configuration of its set, if it belongs to one.
    ///
    /// # Errors
    /// What the driver says.
    pub async fn configuration(&self) -> Result<Option<Document>> {
        match self.run(doc! { "replSetGetConfig": 1 }).await {
            Ok(answer) => Ok(Some(answer.get_document("config").context("no configuration in the answer")?.clone())),
            Err(error) if refusal(&error) == Some(NOT_YET_INITIALIZED) => Ok(None),
            Err(error) => Err(error.into()),
        }
    }

    /// Whether somebody can log in with this password.
    ///
    /// # Errors
    /// What the driver says, unless it is that the login is wrong.
    pub async fn takes_login(&self, user: &str, password: &Secret, database: &str) -> Result<bool> {
        let credential = Credential::builder()
            .username(user.to_owned())
            .source(database.to_owned())
            .password(password.expose().to_owned())
            .mechanism(AuthMechanism::ScramSha256)
            .build();
        match connect(&self.host, credential)?.database(database).run_command(doc! { "ping": 1 }).await {
            Ok(_) => Ok(true),
            Err(error) if is_unknown_login(&error) => Ok(false),
            Err(error) => Err(error.into()),
        }
    }
}

fn connect(host: &Host, credential: Credential) -> Result<Client> {
    let options = ClientOptions::builder()
        .hosts(vec![ServerAddress::parse(&host.0)?])
        .direct_connection(true)
        .credential(credential)
        .app_name("ops".to_owned())
        .server_selection_timeout(SERVER_SELECTION)
        .connect_timeout(SERVER_SELECTION)
        .max_pool_size(1)
        .build();
    Ok(Client::with_options(options)?)
}

fn is_unknown_login(error: &Error) -> bool {
    matches!(&*error.kind, ErrorKind::Authentication { .. })
}
