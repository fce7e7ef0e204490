//! The connection to Redis: made when it is needed, and made again after a failure.
//!
//! The driver's own connection manager keeps a connection that no longer answers, and a failed handshake for ever.

use std::fs;
use std::sync::Arc;
use std::time::Duration;

use common::config::{OptionalFile, Secret};
use common::error::StartError;
use common::listener::Failure;
use redis::aio::MultiplexedConnection;
use redis::io::tcp::TcpSettings;
use redis::{
    AsyncConnectionConfig, AsyncTypedCommands, Client, ConnectionInfo, ErrorKind, IntoConnectionInfo, RedisError,
    RedisResult, TlsCertificates,
};
use tokio::sync::Mutex;

/// How long Redis may take to accept a connection, and to answer a command.
const TIMEOUT: Duration = Duration::from_secs(1);

/// A connection to Redis that outlives its failures. Cheap to clone.
#[derive(Clone)]
pub struct Connection {
    client: Client,
    live: Arc<Mutex<Option<MultiplexedConnection>>>,
}

/// The Redis that `REDIS_HOST` names.
pub fn parse(redis_host: &Secret) -> Result<ConnectionInfo, StartError> {
    let given = redis_host.expose().trim();
    let url = if given.contains("://") { given.to_owned() } else { format!("redis://{given}") };
    url.into_connection_info().map_err(malformed)
}

fn malformed(error: RedisError) -> StartError {
    StartError::configuration("REDIS_HOST", format!("not a host or URL: {error}"))
}

impl Connection {
    /// The Redis that `REDIS_HOST` names, with a certificate that the authority in the file has signed, if there is one. Nothing is
    /// sent to it yet.
    pub fn new(redis_host: &Secret, authority: &OptionalFile) -> Result<Self, StartError> {
        // Small commands leave at once instead of waiting for more to send.
        let info = parse(redis_host)?.set_tcp_settings(TcpSettings::default().set_nodelay(true));
        let client = match &authority.0 {
            None => Client::open(info).map_err(malformed)?,
            Some(file) => {
                let unusable = |problem: String| StartError::configuration("REDIS_CA_FILE", problem);
                let root_cert = Some(fs::read(file).map_err(|error| unusable(error.to_string()))?);
                let certificates = TlsCertificates { client_tls: None, root_cert };
                Client::build_with_tls(info, certificates).map_err(|error| unusable(error.to_string()))?
            }
        };
        Ok(Self { client, live: Arc::default() })
    }

    /// Runs commands. Every failure means that Redis is unavailable: the same call may succeed later.
    pub async fn run<T>(
        &self,
        commands: impl AsyncFnOnce(MultiplexedConnection) -> RedisResult<T>,
    ) -> Result<T, Failure> {
        let result = match self.live().await {
            Ok(connection) => commands(connection).await,
            Err(error) => Err(error),
        };
        if let Err(error) = &result
            && !matches!(error.kind(), ErrorKind::Server(_) | ErrorKind::Extension)
        {
            // No answer came over it.
            *self.live.lock().await = None;
        }
        result.map_err(|error| Failure::Unavailable(format!("Redis: {error}")))
    }

    /// Asks Redis whether it answers.
    pub async fn ping(self) -> Result<(), String> {
        let ping = self.run(async |mut redis| redis.ping().await).await;
        ping.map(drop).map_err(|failure| failure.to_string())
    }

    async fn live(&self) -> RedisResult<MultiplexedConnection> {
        let mut live = self.live.lock().await;
        if let Some(connection) = live.as_ref() {
            return Ok(connection.clone());
        }
        let limits =
            AsyncConnectionConfig::new().set_connection_timeout(Some(TIMEOUT)).set_response_timeout(Some(TIMEOUT));
        let connection = self.client.get_multiplexed_async_connection_with_config(&limits).await?;
        Ok(live.insert(connection).clone())
    }
}
