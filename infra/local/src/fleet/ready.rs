//! Waiting until the platform can be used.

use std::time::Duration;

use anyhow::{Result, bail};
use reqwest::Client;
use tokio::time::{Instant, sleep};

use super::Fleet;
use super::supervise::Service;
use crate::http;

/// Time between two lines that say which services are not ready.
const REMINDER: Duration = Duration::from_secs(5);
/// A service that dies as often as this while it is waited for will not become ready.
const MAX_DEATHS: u32 = 5;

impl Fleet {
    /// Waits until every `/readyz` answers 200, and reports each service that does. An error names the others, and how they ended.
    pub async fn wait_ready(&self, deadline: Duration) -> Result<()> {
        let client = http::client()?;
        let start = Instant::now();
        let mut reminder = start + REMINDER;
        let mut waiting: Vec<(&Service, u32)> =
            self.services.iter().map(|service| (service, service.life().deaths)).collect();
        loop {
            let mut unready = Vec::new();
            for (service, deaths) in waiting {
                if is_ready(&client, &self.admin_url(service.name)).await {
                    let after = start.elapsed().as_secs_f32();
                    self.output.line(service.name, &format!("ready after {after:.1} s"));
                } else {
                    unready.push((service, deaths));
                }
            }
            if unready.is_empty() {
                return Ok(());
            }
            if unready.iter().any(|(service, deaths)| service.life().deaths >= deaths + MAX_DEATHS) {
                bail!("not all services stay up: {}", describe(&unready));
            }
            if start.elapsed() > deadline {
                bail!("not ready after {} s: {}", deadline.as_secs(), describe(&unready));
            }
            if Instant::now() > reminder {
                self.output.line("fleet", &format!("waiting for {}", describe(&unready)));
                reminder += REMINDER;
            }
            waiting = unready;
            sleep(Duration::from_millis(50)).await;
        }
    }
}

async fn is_ready(client: &Client, admin: &str) -> bool {
    let answer = client.get(format!("{admin}/readyz")).timeout(Duration::from_secs(1)).send().await;
    answer.is_ok_and(|answer| answer.status().is_success())
}

fn describe(services: &[(&Service, u32)]) -> String {
    let described = services.iter().map(|(service, _)| match service.life() {
        life if life.deaths == 0 => service.name.to_owned(),
        life => format!("{} (died {} times, last: {})", service.name, life.deaths, life.last_end.unwrap_or_default()),
    });
    described.collect::<Vec<_>>().join(", ")
}
