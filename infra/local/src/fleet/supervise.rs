//! Services and servers are started again when they die.

use std::sync::Arc;
use std::time::Duration;

use anyhow::{Result, ensure};
use tokio::sync::watch;
use tokio::task::JoinHandle;
use tokio::time::{sleep, timeout};
use tokio_util::sync::CancellationToken;

use super::environment::Environment;
use super::output::Output;
use crate::process::{Ended, Pid, Program, Signal, send};

/// Time between a death and the next start.
const RESTART_DELAY: Duration = Duration::from_millis(250);
/// Enough for a service to be started again and killed.
const KILL_TIMEOUT: Duration = Duration::from_secs(20);
/// A little more than the services' own deadline for finishing what is in flight.
pub const STOP_TIMEOUT: Duration = Duration::from_secs(10);
/// How often servers are looked at.
const SERVER_INTERVAL: Duration = Duration::from_millis(500);

/// Starts servers that die again until `stop`. One that was killed or stopped on purpose is left alone.
pub async fn keep_servers_alive(environment: Arc<Environment>, output: Output, stop: CancellationToken) {
    let keep_alive = async {
        loop {
            sleep(SERVER_INTERVAL).await;
            for server in environment.servers() {
                let Some(ended) = server.died().await else { continue };
                output.line(server.name(), &format!("died: {ended}; starting it again"));
                if let Err(error) = server.restart().await {
                    output.line(server.name(), &format!("{error:#}"));
                }
            }
        }
    };
    stop.run_until_cancelled(keep_alive).await;
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
    /// While this is true, it is not started again.
    pub is_away: watch::Sender<bool>,
    /// Ends after `stop`, when its process has ended.
    pub task: JoinHandle<()>,
}

impl Service {
    /// Starts the service, and again whenever it dies, until `stop`.
    pub fn start(name: &'static str, program: Program, output: Output, stop: CancellationToken) -> Self {
        let (life, receiver) = watch::channel(Life::default());
        let (is_away, mut away) = watch::channel(false);
        let task = tokio::spawn(async move {
            loop {
                let end = match run(name, &program, &output, &stop, &life).await {
                    Ok(None) => return,
                    Ok(Some(ended)) => ended.to_string(),
                    Err(error) => format!("{error:#}"),
                };
                output.line(name, &format!("died: {end}; starting it again"));
                life.send_modify(|life| *life = Life { pid: None, deaths: life.deaths + 1, last_end: Some(end) });
                let back = async {
                    sleep(RESTART_DELAY).await;
                    let _ = away.wait_for(|away| !away).await;
                };
                if stop.run_until_cancelled(back).await.is_none() {
                    return;
                }
            }
        });
        Self { name, life: receiver, is_away, task }
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
        let noticed = timeout(KILL_TIMEOUT, noticed).await;
        ensure!(matches!(noticed, Ok(Ok(()))), "{} could not be killed", self.name);
        Ok(())
    }
}

/// Runs one process of a service. Returns how it ended, or `None` after `stop`.
async fn run(
    name: &'static str,
    program: &Program,
    output: &Output,
    stop: &CancellationToken,
    life: &watch::Sender<Life>,
) -> Result<Option<Ended>> {
    let mut process = program.spawn()?;
    if let Some(lines) = process.take_output() {
        output.pass_on(name, lines);
    }
    life.send_modify(|life| life.pid = Some(process.pid()));
    match stop.run_until_cancelled(process.wait()).await {
        Some(ended) => ended.map(Some),
        None => process.stop(STOP_TIMEOUT).await.map(|_| None),
    }
}
