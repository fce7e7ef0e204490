//! What the services stand on: the servers, the ports, the key, and the environment made of them.

use anyhow::Result;

use super::ports::Ports;
use super::state::State;
use super::{CLIENT_OF, Options};
use crate::{Mongod, Nats, Redis};

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
    /// Takes the state folder and the ports, and starts the servers that the environment does not name.
    pub async fn prepare(options: &Options) -> Result<Self> {
        let (state, ports) = Self::take(options)?;
        Self::start(state, ports).await
    }

    /// The part that fails at once or not at all.
    pub(super) fn take(options: &Options) -> Result<(State, Ports)> {
        let state = State::take(&options.home, options.fresh)?;
        let ports = options.port.map_or_else(Ports::any, Ports::block)?;
        ports.ensure_free()?;
        Ok((state, ports))
    }

    pub(super) async fn start(state: State, ports: Ports) -> Result<Self> {
        let jwt_key = state.jwt_key()?;
        // A test must not write to a server that somebody works with.
        let is_given = |variable| !state.is_temporary() && given(variable).is_some();
        let port = |server: usize| ports.servers.map(|ports| ports[server]);
        let mongod = async {
            if is_given("MONGO_URI") {
                return Ok(None);
            }
            Mongod::start(state.home("mongod"), port(0)).await.map(Some)
        };
        let nats = async {
            if is_given("NATS_URL") {
                return Ok(None);
            }
            Nats::start(state.home("nats"), port(1)).await.map(Some)
        };
        let redis = async {
            if is_given("REDIS_HOST") {
                return Ok(None);
            }
            Redis::start(state.home("redis"), port(2)).await.map(Some)
        };
        let (mongod, nats, redis) = tokio::try_join!(mongod, nats, redis)?;
        Ok(Self { ports, mongod, nats, redis, jwt_key, _state: state })
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

    /// The variables that one service is started with, beside those of our own environment.
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
            let urls = CLIENT_OF.map(|(variable, service)| {
                (variable.to_owned(), format!("http://{}", local(self.ports.service(service))))
            });
            variables.extend(urls);
        }
        variables
    }

    /// Stops the servers in good order.
    pub async fn stop(&self) -> Result<()> {
        let mongod = async { if let Some(mongod) = &self.mongod { mongod.stop().await } else { Ok(()) } };
        let nats = async { if let Some(nats) = &self.nats { nats.stop().await } else { Ok(()) } };
        let redis = async { if let Some(redis) = &self.redis { redis.stop().await } else { Ok(()) } };
        let (mongod, nats, redis) = tokio::join!(mongod, nats, redis);
        mongod.and(nats).and(redis)
    }
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
