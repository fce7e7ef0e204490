//! Servers that die are named and started again, as services are.

use std::sync::Arc;
use std::time::Duration;

use tokio::time::sleep;

use super::{Environment, Output};

/// How often it is looked whether they live.
const EVERY: Duration = Duration::from_millis(500);
const FIRST_PAUSE: Duration = Duration::from_millis(250);
const LONGEST_PAUSE: Duration = Duration::from_secs(10);

/// Watches one server of the fleet for as long as the future lives.
macro_rules! watch {
    ($environment:expr, $output:expr, $server:ident, $name:literal) => {
        async {
            let Some(server) = &$environment.$server else { return };
            let mut pause = FIRST_PAUSE;
            loop {
                sleep(EVERY).await;
                let Some(ended) = server.died().await else {
                    pause = FIRST_PAUSE;
                    continue;
                };
                $output.line($name, &format!("died: {ended}; starting it again in {} ms", pause.as_millis()));
                sleep(pause).await;
                pause = (pause * 2).min(LONGEST_PAUSE);
                match server.restart().await {
                    Ok(()) => $output.line($name, "is back"),
                    Err(error) => $output.line($name, &format!("{error:#}")),
                }
            }
        }
    };
}

/// Watches all three. One that was killed or stopped on purpose stays away.
pub async fn watch(environment: Arc<Environment>, output: Output) {
    tokio::join!(
        watch!(environment, output, mongod, "mongod"),
        watch!(environment, output, nats, "nats"),
        watch!(environment, output, redis, "redis"),
    );
}
