//! What the services need to run: the servers, the ports, the session key, and the variables made of them.

use std::fs::File;

use anyhow::Result;
use futures::future::join_all;

use super::ports::Ports;
use super::state;
use crate::servers::mongod::with_database;
use crate::servers::{Home, Mongod, Nats, Redis, Server};

/// The variables that tell `client` where the others are.
const URLS_FOR_CLIENT: [(&str, &str); 4] =
    [("AUTH_URL", "auth"), ("TICKETS_URL", "tickets"), ("ORDERS_URL", "orders"), ("PAYMENTS_URL", "payments")];

/// Running servers, and the variables that the services need. The folder with the data is locked while this value lives.
#[derive(Debug)]
pub struct Environment {
    /// Who listens where.
    pub ports: Ports,
    /// Ours, unless the platform is kept and `MONGO_URI` names another.
    pub mongod: Option<Mongod>,
    /// Likewise, by `NATS_URL`.
    pub nats: Option<Nats>,
    /// Likewise, by `REDIS_HOST`.
    pub redis: Option<Redis>,
    jwt_key: String,
    _lock: Option<File>,
}

impl Environment {
    /// Takes the folder of the data, emptied first if it is to be `fresh`, and the block of ports, and starts the servers that our
    /// own environment does not name.
    pub async fn prepare(home: &Home, fresh: bool, port: Option<u16>) -> Result<Self> {
        let folder = home.folder();
        let lock = folder.map(|folder| state::take(folder, fresh)).transpose()?;
        let ports = Ports::new(port)?;
        let new_key = || folder.map_or_else(|| Ok(state::new_jwt_key()), state::kept_jwt_key);
        let jwt_key = given("JWT_KEY").map_or_else(new_key, Ok)?;
        // A test must not write to a server that somebody works with.
        let is_given = |variable| folder.is_some() && given(variable).is_some();
        let server_home = |name| folder.map_or(Home::Temporary, |folder| Home::Kept(folder.join(name)));
        let [mongod, nats, redis] = ports.servers().map(Some);
        let (mongod, nats, redis) = tokio::try_join!(
            unless(is_given("MONGO_URI"), Mongod::start(server_home("mongod"), mongod)),
            unless(is_given("NATS_URL"), Nats::start(server_home("nats"), nats)),
            unless(is_given("REDIS_HOST"), Redis::start(server_home("redis"), redis)),
        )?;
        Ok(Self { ports, mongod, nats, redis, jwt_key, _lock: lock })
    }

    /// The servers that are ours.
    pub fn servers(&self) -> impl Iterator<Item = &Server> {
        [self.mongod.as_deref(), self.nats.as_deref(), self.redis.as_deref()].into_iter().flatten()
    }

    /// URI of a service's own database.
    pub fn mongo_uri(&self, service: &str) -> String {
        let uri = self.mongod.as_ref().map_or_else(|| given("MONGO_URI").unwrap_or_default(), |mongod| mongod.url());
        with_database(&uri, service)
    }

    /// The variables that one service is started with, in addition to those of our own environment.
    pub fn variables(&self, service: &str) -> Vec<(&'static str, String)> {
        let local = |port: u16| format!("127.0.0.1:{port}");
        let mut variables = vec![
            ("LISTEN_ADDR", local(self.ports.service(service))),
            ("ADMIN_ADDR", local(self.ports.admin(service))),
            ("JWT_KEY", self.jwt_key.clone()),
            ("MONGO_URI", self.mongo_uri(service)),
            ("NATS_URL", self.nats.as_ref().map_or_else(|| given("NATS_URL").unwrap_or_default(), |nats| nats.url())),
            (
                "REDIS_HOST",
                self.redis.as_ref().map_or_else(|| given("REDIS_HOST").unwrap_or_default(), |redis| redis.url()),
            ),
        ];
        if service == "auth" {
            let site = format!("http://localhost:{}", self.ports.edge);
            variables.extend([("LOCAL_MAILBOX", "true".to_owned()), ("PUBLIC_URL", site)]);
        }
        if service == "client" {
            let url = |service| format!("http://{}", local(self.ports.service(service)));
            variables.extend(URLS_FOR_CLIENT.map(|(variable, service)| (variable, url(service))));
        }
        variables
    }

    /// Stops the servers gracefully.
    pub async fn stop(&self) -> Result<()> {
        join_all(self.servers().map(Server::stop)).await.into_iter().collect()
    }
}

async fn unless<T>(is_given: bool, start: impl Future<Output = Result<T>>) -> Result<Option<T>> {
    if is_given { Ok(None) } else { start.await.map(Some) }
}

fn given(variable: &str) -> Option<String> {
    std::env::var(variable).ok().filter(|value| !value.trim().is_empty())
}
