//! How far the service has come in the stream, kept in Redis beside its deadlines, so that both are lost together.

use common::listener::Failure;
use redis::{AsyncTypedCommands, Script};

use crate::connection::Connection;

/// The key of the checkpoint.
const KEY: &str = "expirations:checkpoint";

/// Replaces the text. A full Redis refuses what needs memory only until a script has written.
const SAVE: &str = "redis.call('DEL', KEYS[1]) redis.call('SET', KEYS[1], ARGV[1])";

/// The checkpoint of the service, a text that its owner understands. Cheap to clone.
#[derive(Clone)]
pub struct Checkpoint {
    redis: Connection,
    save: Script,
}

impl Checkpoint {
    /// The checkpoint in this Redis.
    pub fn new(redis: Connection) -> Self {
        Self { redis, save: Script::new(SAVE) }
    }

    /// The text that was saved last; nothing in a new or wiped Redis.
    pub async fn load(&self) -> Result<Option<String>, Failure> {
        self.redis.run(async |mut redis| redis.get(KEY).await).await
    }

    /// Saves the text in place of the last one.
    pub async fn save(&self, text: &str) -> Result<(), Failure> {
        let mut save = self.save.key(KEY);
        let save = save.arg(text);
        self.redis.run(async |mut redis| save.invoke_async(&mut redis).await).await
    }
}
