//! The way to Redis: one connection, made when it is needed and made anew after a failure.
//!
//! The driver's own connection manager keeps a connection that no longer answers, and remembers a refused handshake for ever.

use std::sync::Arc;
use std::time::Duration;

use common::config::Secret;
use common::error::StartError;
use common::listener::Failure;
use redis::aio::{ConnectionLike, MultiplexedConnection};
use redis::io::tcp::TcpSettings;
use redis::{
    AsyncConnectionConfig, Client, Cmd, ErrorKind, IntoConnectionInfo, Pipeline, RedisFuture, RedisResult, Value,
};
use tokio::sync::Mutex;

/// How long Redis may take to accept a connection, and to answer a command.
const PATIENCE: Duration = Duration::from_secs(1);

/// Redis did not do what it was asked. No event is ever at fault: whatever the reason, the same call is worth repeating.
#[derive(Debug, thiserror::Error)]
#[error("Redis: {0}")]
pub struct Away(#[from] redis::RedisError);

impl From<Away> for Failure {
    fn from(away: Away) -> Self {
        Self::Unavailable(away.to_string())
    }
}

/// A connection to Redis that outlives its failures. Cheap to clone.
#[derive(Clone)]
pub struct Connection {
    client: Client,
    live: Arc<Mutex<Option<MultiplexedConnection>>>,
}

impl Connection {
    /// The Redis that `REDIS_HOST` names. Nothing is asked of it yet.
    ///
    /// # Errors
    /// When the setting is malformed.
    pub fn to(redis_host: &Secret) -> Result<Self, StartError> {
        let malformed =
            |error: redis::RedisError| StartError::configuration("REDIS_HOST", &format!("not a host or URL: {error}"));
        let given = redis_host.expose().trim();
        let url = if given.contains("://") { given.to_owned() } else { format!("redis://{given}") };
        // Small commands leave at once instead of waiting for more to send.
        let info = url.into_connection_info().map_err(malformed)?;
        let info = info.set_tcp_settings(TcpSettings::default().set_nodelay(true));
        Ok(Self { client: Client::open(info).map_err(malformed)?, live: Arc::default() })
    }

    /// Asks Redis whether it answers.
    ///
    /// # Errors
    /// What the driver says, for the operator's eyes.
    pub async fn ping(mut self) -> Result<(), String> {
        redis::cmd("PING").exec_async(&mut self).await.map_err(|error| error.to_string())
    }

    async fn live(&self) -> RedisResult<MultiplexedConnection> {
        let mut live = self.live.lock().await;
        if let Some(connection) = live.as_ref() {
            return Ok(connection.clone());
        }
        let limits =
            AsyncConnectionConfig::new().set_connection_timeout(Some(PATIENCE)).set_response_timeout(Some(PATIENCE));
        let connection = self.client.get_multiplexed_async_connection_with_config(&limits).await?;
        Ok(live.insert(connection).clone())
    }

    /// Gives up a connection over which no answer came.
    async fn judged<T>(&self, result: RedisResult<T>) -> RedisResult<T> {
        if let Err(error) = &result
            && !matches!(error.kind(), ErrorKind::Server(_) | ErrorKind::Extension)
        {
            *self.live.lock().await = None;
        }
        result
    }
}

impl ConnectionLike for Connection {
    fn req_packed_command<'a>(&'a mut self, command: &'a Cmd) -> RedisFuture<'a, Value> {
        Box::pin(async move {
            let result = self.live().await?.req_packed_command(command).await;
            self.judged(result).await
        })
    }

    fn req_packed_commands<'a>(
        &'a mut self,
        pipeline: &'a Pipeline,
        offset: usize,
        count: usize,
    ) -> RedisFuture<'a, Vec<Value>> {
        Box::pin(async move {
            let result = self.live().await?.req_packed_commands(pipeline, offset, count).await;
            self.judged(result).await
        })
    }

    fn get_db(&self) -> i64 {
        self.client.get_connection_info().redis_settings().db()
    }
}

#[cfg(test)]
mod tests {
    use common::error::StartError;

    use super::Connection;

    #[tokio::test]
    async fn redis_is_named_as_the_original_names_it_or_by_url() {
        for (given, address) in [
            ("expiration-redis-srv", "expiration-redis-srv:6379"),
            ("localhost:6380", "localhost:6380"),
            ("[::1]:6380", "::1:6380"),
            (" redis://cache ", "cache:6379"),
            ("redis://user:p%40ss@cache:6380/1", "cache:6380"),
            ("rediss://cache", "cache:6379"),
        ] {
            let connection = Connection::to(&given.parse().unwrap()).unwrap();
            assert_eq!(connection.client.get_connection_info().addr().to_string(), address, "{given}");
        }
    }

    #[tokio::test]
    async fn anything_else_is_refused_without_repeating_it() {
        for given in ["cache:port", "http://secret@cache", "redis://", "redis://:secret@cache/x", "secret@::1"] {
            let Err(StartError::Configuration { variable, problem }) = Connection::to(&given.parse().unwrap()) else {
                panic!("{given} was accepted");
            };
            assert_eq!(variable, "REDIS_HOST");
            assert!(!problem.contains("secret"), "{problem}");
        }
    }
}
