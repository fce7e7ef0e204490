//! Waiting until the platform can be used.

use std::time::Duration;

use anyhow::{Result, ensure};
use tokio::time::{Instant, sleep};

use super::Fleet;
use super::supervise::Service;
use crate::ports::answers;

const QUESTION: &[u8] = b"GET /readyz HTTP/1.1\r\nhost: localhost\r\nconnection: close\r\n\r\n";
const READY: &[u8] = b"HTTP/1.1 200 ";
/// A service that dies as often as this while it is waited for will not become ready.
const MAX_DEATHS: u32 = 10;

impl Fleet {
    /// Waits until every `/readyz` answers 200, and reports each service that does. An error names the others, and how they ended.
    pub async fn wait_ready(&self, deadline: Duration) -> Result<()> {
        let start = Instant::now();
        let mut waiting: Vec<(&Service, u32)> =
            self.services.iter().map(|service| (service, service.life().deaths)).collect();
        loop {
            let mut unready = Vec::new();
            for (service, deaths) in waiting {
                if answers(self.environment.ports.admin(service.name), QUESTION, READY).await {
                    let after = start.elapsed().as_secs_f32();
                    self.output.line(service.name, &format!("ready after {after:.1} s"));
                } else {
                    unready.push((service, deaths));
                }
            }
            if unready.is_empty() {
                return Ok(());
            }
            let stay_up = unready.iter().all(|(service, deaths)| service.life().deaths < deaths + MAX_DEATHS);
            ensure!(stay_up, "not all services stay up: {}", describe(&unready));
            ensure!(start.elapsed() < deadline, "not ready after {} s: {}", deadline.as_secs(), describe(&unready));
            waiting = unready;
            sleep(Duration::from_millis(50)).await;
        }
    }
}

fn describe(services: &[(&Service, u32)]) -> String {
    let described = services.iter().map(|(service, _)| match service.life() {
        life if life.deaths == 0 => service.name.to_owned(),
        life => format!("{} (died {} times, last: {})", service.name, life.deaths, life.last_end.unwrap_or_default()),
    });
    described.collect::<Vec<_>>().join(", ")
}
