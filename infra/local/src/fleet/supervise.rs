//! Services and servers are started again when they die.

use std::sync::Arc;
use std::time::Duration;

use anyhow::{Result, ensure};
use backon::{BackoffBuilder, ExponentialBuilder};
use futures::future::join_all;
use tokio::sync::watch;
use tokio::task::JoinHandle;
use tokio::time::{Instant, sleep, timeout};
use tokio_util::sync::CancellationToken;

use super::environment::Environment;
use super::output::Output;
use crate::process::{Ended, Pid, Program, Signal, send};
use crate::servers::Server;

const LONGEST_BACKOFF: Duration = Duration::from_secs(10);
const BACKOFF: ExponentialBuilder = ExponentialBuilder::new()
    .with_min_delay(Duration::from_millis(250))
    .with_max_delay(LONGEST_BACKOFF)
    .without_max_times();
/// After a life as long as this the backoff begins anew.
const HEALTHY_LIFE: Duration = Duration::from_secs(30);
/// A little more than the services' own deadline for finishing what is in flight.
pub const STOP_TIMEOUT: Duration = Duration::from_secs(10);
/// How often servers are looked at.
const SERVER_INTERVAL: Duration = Duration::from_millis(500);

/// Calls `live` again each time the program has died, and returns when `live` was told to stop. It says how the program
/// ended, or nothing if it was told to stop.
async fn keep_alive<F>(name: &str, output: &Output, stop: &CancellationToken, live: impl Fn() -> F)
where
    F: Future<Output = Option<String>>,
{
    let mut backoff = BACKOFF.build();
    loop {
        let start = Instant::now();
        let Some(end) = live().await else { return };
        if start.elapsed() > HEALTHY_LIFE {
            backoff = BACKOFF.build();
        }
        let delay = backoff.next().unwrap_or(LONGEST_BACKOFF);
        output.line(name, &format!("died: {end}; starting it again in {} ms", delay.as_millis()));
        if stop.run_until_cancelled(sleep(delay)).await.is_none() {
            return;
        }
    }
}

/// Keeps the servers alive until `stop`. One that was killed or stopped on purpose is left alone.
pub async fn keep_servers_alive(environment: Arc<Environment>, output: Output, stop: CancellationToken) {
    let output = &output;
    let stop = &stop;
    let servers = environment.servers();
    join_all(
        servers
            .map(|server| keep_alive(server.name(), output, stop, move || stop.run_until_cancelled(life_of(server)))),
    )
    .await;
}

async fn life_of(server: &Server) -> String {
    if let Err(error) = server.restart().await {
        return format!("{error:#}");
    }
    loop {
        sleep(SERVER_INTERVAL).await;
        if let Some(ended) = server.died().await {
            return ended.to_string();
        }
    }
}

/// What is known of a service's processes.
#[derive(Debug, Clone, Default)]
pub struct Life {
    /// Its process, while it has one.
    pub pid: Option<Pid>,
    /// How often it has died without being asked to.
    pub deaths: u32,
    /// How it ended last.
    pub last_end: Option<String>,
}

/// A service and the task that keeps it alive.
#[derive(Debug)]
pub struct Service {
    pub name: &'static str,
    life: watch::Receiver<Life>,
    task: JoinHandle<()>,
}

impl Service {
    /// Starts the service, and again whenever it dies, until `stop`.
    pub fn start(name: &'static str, program: Program, output: Output, stop: CancellationToken) -> Self {
        let (sender, life) = watch::channel(Life::default());
        let supervisor = Supervisor { name, program, output, stop, life: sender };
        let task = tokio::spawn(async move {
            keep_alive(name, &supervisor.output, &supervisor.stop, || supervisor.live()).await;
        });
        Self { name, life, task }
    }

    pub fn life(&self) -> Life {
        self.life.borrow().clone()
    }

    /// SIGKILL for the service's own process, once it has one; returns when its death was noticed.
    pub async fn kill(&self) -> Result<()> {
        let mut life = self.life.clone();
        let noticed = async {
            let before = life.wait_for(|life| life.pid.is_some()).await?.clone();
            if let Some(pid) = before.pid {
                send(pid, Signal::KILL);
            }
            life.wait_for(|life| life.deaths > before.deaths).await.map(drop)
        };
        let noticed = timeout(2 * LONGEST_BACKOFF, noticed).await;
        ensure!(matches!(noticed, Ok(Ok(()))), "{} could not be killed", self.name);
        Ok(())
    }

    /// Waits for the end that `stop` has asked for.
    pub async fn ended(self) {
        let _ = self.task.await;
    }
}

struct Supervisor {
    name: &'static str,
    program: Program,
    output: Output,
    stop: CancellationToken,
    life: watch::Sender<Life>,
}

impl Supervisor {
    /// One process of the service: how it ended, or nothing if it was told to stop.
    async fn live(&self) -> Option<String> {
        let end = match self.run().await {
            Ok(None) => return None,
            Ok(Some(ended)) => ended.to_string(),
            Err(error) => format!("{error:#}"),
        };
        self.life.send_modify(|life| {
            *life = Life { pid: None, deaths: life.deaths + 1, last_end: Some(end.clone()) };
        });
        Some(end)
    }

    async fn run(&self) -> Result<Option<Ended>> {
        let mut process = self.program.spawn()?;
        if let Some(lines) = process.take_output() {
            self.output.pass_on(self.name, lines);
        }
        self.life.send_modify(|life| life.pid = Some(process.pid()));
        match self.stop.run_until_cancelled(process.wait()).await {
            Some(ended) => ended.map(Some),
            None => process.stop(STOP_TIMEOUT).await.map(|_| None),
        }
    }
}
