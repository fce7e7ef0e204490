//! One service as a child process that is started again when it dies.

use std::time::Duration;

use anyhow::{Result, ensure};
use tokio::sync::watch;
use tokio::task::JoinHandle;
use tokio::time::{Instant, sleep, timeout};
use tokio_util::sync::CancellationToken;

use super::output::Output;
use crate::process::{Pid, Process, Program, Signal, send};

const FIRST_PAUSE: Duration = Duration::from_millis(250);
const LONGEST_PAUSE: Duration = Duration::from_secs(10);
/// Who lived as long as this was well: the next death starts with the first pause again.
const HEALTHY_LIFE: Duration = Duration::from_secs(30);
/// A little more than the services' own deadline for finishing what is in flight.
pub const STOP_LIMIT: Duration = Duration::from_secs(10);

/// What its supervisor knows of a service.
#[derive(Debug, Clone, Default)]
pub struct Life {
    /// Its process, while it has one.
    pub pid: Option<Pid>,
    /// How often it has died unasked.
    pub deaths: u32,
    /// How it ended last.
    pub last_end: Option<String>,
}

/// A service and the task that keeps it alive.
#[derive(Debug)]
pub struct Supervised {
    pub name: &'static str,
    life: watch::Receiver<Life>,
    task: JoinHandle<()>,
}

impl Supervised {
    /// Starts the service, and again whenever it dies, until `stop`.
    pub fn start(name: &'static str, program: Program, output: Output, stop: CancellationToken) -> Self {
        let (sender, life) = watch::channel(Life::default());
        let supervisor = Supervisor { name, program, output, life: sender, stop };
        Self { name, life, task: tokio::spawn(supervisor.run()) }
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
        let noticed = timeout(LONGEST_PAUSE + FIRST_PAUSE, noticed).await;
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
    life: watch::Sender<Life>,
    stop: CancellationToken,
}

impl Supervisor {
    async fn run(self) {
        let mut pause = FIRST_PAUSE;
        loop {
            let born = Instant::now();
            let Some(end) = self.live().await else { return };
            if born.elapsed() > HEALTHY_LIFE {
                pause = FIRST_PAUSE;
            }
            self.output.line(self.name, &format!("died: {end}; starting it again in {} ms", pause.as_millis()));
            tokio::select! {
                () = self.stop.cancelled() => return,
                () = sleep(pause) => pause = (pause * 2).min(LONGEST_PAUSE),
            }
        }
    }

    /// One life of the service: how it ended, or nothing if it was told to.
    async fn live(&self) -> Option<String> {
        let end = match self.program.spawn() {
            Ok(mut process) => {
                self.was_born(&mut process);
                tokio::select! {
                    ended = process.wait() => ended.map_or_else(|error| format!("{error:#}"), |ended| ended.to_string()),
                    () = self.stop.cancelled() => {
                        let _ = process.stop(STOP_LIMIT).await;
                        return None;
                    }
                }
            }
            Err(error) => format!("{error:#}"),
        };
        self.life.send_modify(|life| {
            *life = Life { pid: None, deaths: life.deaths + 1, last_end: Some(end.clone()) };
        });
        Some(end)
    }

    fn was_born(&self, process: &mut Process) {
        if let Some(said) = process.take_output() {
            self.output.pass_on(self.name, said);
        }
        self.life.send_modify(|life| life.pid = Some(process.pid()));
    }
}
