//! The three real servers that the services need.

/// A type of its own for each server, so that none is taken for another.
macro_rules! server_type {
    ($(#[$doc:meta])* $name:ident, $recipe:ident) => {
        $(#[$doc])*
        #[derive(Debug)]
        pub struct $name($crate::servers::Server);

        impl $name {
            /// Starts it on this port, or on a free one, and waits until it can be used.
            pub async fn start(home: $crate::Home, port: Option<u16>) -> anyhow::Result<Self> {
                $crate::servers::Server::start(&$recipe, home, port).await.map(Self)
            }
        }

        impl std::ops::Deref for $name {
            type Target = $crate::servers::Server;

            fn deref(&self) -> &Self::Target {
                &self.0
            }
        }
    };
}

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
pub use self::recipe::Recipe;
pub use self::redis::Redis;
pub use self::server::{Home, Server};

/// Makes sure that all three servers can be had, fetching what is missing; the error says why one cannot.
pub async fn prefetch() -> Result<()> {
    tokio::try_join!(locate(&mongod::RECIPE), locate(&nats::RECIPE), locate(&redis::RECIPE)).map(drop)
}
