//! How far the service has come in the stream, kept in Redis beside its deadlines, so that both are lost together.

use std::time::Duration;

use common::checkpoint::{Checkpoint, Checkpoints};
use common::timestamp::Timestamp;
use futures::FutureExt;
use futures::future::BoxFuture;
use redis::{AsyncTypedCommands, Script};

use crate::connection::Connection;

/// The key of the checkpoint, a JSON text.
const KEY: &str = "expirations:checkpoint";

/// Longer than any buyer has to pay, a week at most.
const LONGEST_WINDOW: Duration = Duration::from_secs(8 * 24 * 60 * 60);

/// Replaces the text. A full Redis refuses what needs memory only until a script has written.
const SAVE: &str = "redis.call('DEL', KEYS[1]) redis.call('SET', KEYS[1], ARGV[1])";

/// The checkpoint of the service in Redis.
pub struct RedisCheckpoint {
    redis: Connection,
    save: Script,
}

impl RedisCheckpoint {
    /// The checkpoint in this Redis.
    pub fn new(redis: Connection) -> Self {
        Self { redis, save: Script::new(SAVE) }
    }

    async fn read(&self) -> Result<Option<Checkpoint>, String> {
        let text =
            self.redis.run(async |mut redis| redis.get(KEY).await).await.map_err(|failure| failure.to_string())?;
        // Only open orders are of use here, so there is no need to ask for older ones. A text of another version counts as none.
        let long_ago = Timestamp::from_millis(Timestamp::now().millis() - LONGEST_WINDOW.as_millis() as i64);
        let none =
            Checkpoint { consumer_created: long_ago, sequence: 0, at: long_ago, stored_at: long_ago, repair: None };
        Ok(Some(text.and_then(|text| serde_json::from_str(&text).ok()).unwrap_or(none)))
    }

    async fn write(&self, checkpoint: &Checkpoint) -> Result<(), String> {
        let text = serde_json::to_string(checkpoint).map_err(|error| error.to_string())?;
        let mut save = self.save.key(KEY);
        let save = save.arg(text);
        let saved = self.redis.run(async |mut redis| save.invoke_async(&mut redis).await).await;
        saved.map_err(|failure| failure.to_string())
    }
}

impl Checkpoints for RedisCheckpoint {
    fn load(&self) -> BoxFuture<'_, Result<Option<Checkpoint>, String>> {
        self.read().boxed()
    }

    fn save<'a>(&'a self, checkpoint: &'a Checkpoint) -> BoxFuture<'a, Result<(), String>> {
        self.write(checkpoint).boxed()
    }
}
