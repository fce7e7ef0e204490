//! What the services need to run: the servers, the ports, the session key, and the variables made of them.

use anyhow::Result;
use futures::future::join_all;

use super::ports::Ports;
use super::state::State;
use crate::servers::{Home, Mongod, Nats, Redis, Server};

/// The variables that tell `client` where the others are.
const URLS_FOR_CLIENT: [(&str, &str); 4] =
    [("AUTH_URL", "auth"), ("TICKETS_URL", "tickets"), ("ORDERS_URL", "orders"), ("PAYMENTS_URL", "payments")];

/// Running servers and all that a service must be told. Its state folder is locked while it lives.
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
    _state: State,
}

impl Environment {
    /// Takes the state folder, emptied first if it is to be `fresh`, and the block of ports, and starts the servers that our own
    /// environment does not name.
    pub async fn prepare(home: &Home, fresh: bool, port: Option<u16>) -> Result<Self> {
        let state = State::take(home, fresh)?;
        let ports = port.map_or_else(Ports::any, Ports::block)?;
        ports.ensure_free()?;
        let jwt_key = state.jwt_key()?;
        // A test must not write to a server that somebody works with.
        let is_given = |variable| !state.is_temporary() && given(variable).is_some();
        let port = |server: usize| ports.servers.map(|ports| ports[server]);
        let (mongod, nats, redis) = tokio::try_join!(
            unless(is_given("MONGO_URI"), Mongod::start(state.home("mongod"), port(0))),
            unless(is_given("NATS_URL"), Nats::start(state.home("nats"), port(1))),
            unless(is_given("REDIS_HOST"), Redis::start(state.home("redis"), port(2))),
        )?;
        Ok(Self { ports, mongod, nats, redis, jwt_key, _state: state })
    }

    /// The servers that are ours.
    pub fn servers(&self) -> impl Iterator<Item = &Server> {
        [self.mongod.as_deref(), self.nats.as_deref(), self.redis.as_deref()].into_iter().flatten()
    }

    /// URI of a service's own database.
    pub fn mongo_uri(&self, service: &str) -> String {
        let given = given("MONGO_URI").unwrap_or_default();
        self.mongod.as_ref().map_or_else(|| with_database(&given, service), |mongod| mongod.url_for(service))
    }

    /// URL of the broker.
    pub fn nats_url(&self) -> String {
        self.nats.as_ref().map_or_else(|| given("NATS_URL").unwrap_or_default(), Nats::url)
    }

    /// URL of Redis.
    pub fn redis_url(&self) -> String {
        self.redis.as_ref().map_or_else(|| given("REDIS_HOST").unwrap_or_default(), Redis::url)
    }

    /// The variables that one service is started with, in addition to those of our own environment.
    pub fn variables(&self, service: &str) -> Vec<(String, String)> {
        let local = |port: Option<u16>| format!("127.0.0.1:{}", port.unwrap_or_default());
        let mut variables = vec![
            ("LISTEN_ADDR".to_owned(), local(self.ports.service(service))),
            ("ADMIN_ADDR".to_owned(), local(self.ports.admin(service))),
            ("JWT_KEY".to_owned(), self.jwt_key.clone()),
            ("MONGO_URI".to_owned(), self.mongo_uri(service)),
            ("NATS_URL".to_owned(), self.nats_url()),
            ("REDIS_HOST".to_owned(), self.redis_url()),
        ];
        if service == "client" {
            let urls = URLS_FOR_CLIENT.map(|(variable, service)| {
                (variable.to_owned(), format!("http://{}", local(self.ports.service(service))))
            });
            variables.extend(urls);
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
    std::env::var(variable).ok().filter(|value| !value.is_empty())
}

/// A MongoDB URI with its database replaced: every service has one of its own on the same server.
fn with_database(uri: &str, database: &str) -> String {
    let (uri, options) =
        uri.split_once('?').map_or((uri, String::new()), |(uri, options)| (uri, format!("?{options}")));
    let (scheme, rest) = uri.split_once("://").unwrap_or(("mongodb", uri));
    let hosts = rest.split('/').next().unwrap_or(rest);
    format!("{scheme}://{hosts}/{database}{options}")
}

#[cfg(test)]
mod tests {
    use super::with_database;

    #[test]
    fn a_database_is_put_into_a_uri_with_and_without_one() {
        for (uri, expected) in [
            ("mongodb://host:27017", "mongodb://host:27017/auth"),
            ("mongodb://a:b@host/", "mongodb://a:b@host/auth"),
            ("mongodb://h1,h2/other?replicaSet=rs0", "mongodb://h1,h2/auth?replicaSet=rs0"),
            ("mongodb+srv://host?tls=true", "mongodb+srv://host/auth?tls=true"),
        ] {
            assert_eq!(with_database(uri, "auth"), expected);
        }
    }
}
