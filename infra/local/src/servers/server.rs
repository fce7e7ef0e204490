//! What all servers have in common once they run.

use std::path::{Path, PathBuf};
use std::time::Duration;

use anyhow::{Context, Result, bail, ensure};
use tokio::sync::Mutex;
use tokio::time::{sleep, timeout};

use super::locate::locate;
use super::recipe::Recipe;
use crate::ports;
use crate::process::{Ended, Process, Program, Signal};

/// No server takes longer than this to start on a machine that works.
pub const START_TIMEOUT: Duration = Duration::from_secs(30);
const STOP_TIMEOUT: Duration = Duration::from_secs(10);
/// Where a server keeps its data.
#[derive(Debug, Clone)]
pub enum Home {
    /// A new folder, removed when the server is dropped or its holder dies.
    Temporary,
    /// This folder, created if need be and kept.
    Kept(PathBuf),
}

impl Home {
    /// The folder that is kept.
    pub fn folder(&self) -> Option<&Path> {
        match self {
            Self::Temporary => None,
            Self::Kept(folder) => Some(folder),
        }
    }
}

/// A server of any kind with its folder: `data` and `log`.
#[derive(Debug)]
pub struct Server {
    recipe: &'static Recipe,
    program: Program,
    home: PathBuf,
    temporary: bool,
    port: u16,
    /// Empty while it is stopped or killed on purpose.
    process: Mutex<Option<Process>>,
}

impl Server {
    /// Starts it on this port, or on a free one, and waits until it can be used.
    pub(super) async fn start(recipe: &'static Recipe, home: Home, port: Option<u16>) -> Result<Self> {
        let path = locate(recipe).await?;
        let port = port.map_or_else(ports::free, Ok)?;
        ensure!(ports::is_free(port), "{} cannot start: port {port} is in use", recipe.name);
        let temporary = matches!(home, Home::Temporary);
        let home = match home {
            Home::Temporary => tempfile::Builder::new().prefix("ticketing-").tempdir()?.keep(),
            Home::Kept(folder) => folder,
        };
        let (data, log) = (home.join("data"), home.join("log"));
        std::fs::create_dir_all(&data)
            .and_then(|()| std::fs::write(&log, ""))
            .with_context(|| format!("{} cannot keep its data in {}", recipe.name, home.display()))?;
        let arguments = (recipe.arguments)(&data.to_string_lossy(), &port.to_string());
        let program = Program::new(recipe.name, path).arguments(arguments).log_to(log);
        let program = if temporary {
            // Nobody will read this data again, so there is no need to end gracefully.
            program.grace_period(Duration::ZERO).remove_afterwards(&home)
        } else {
            program.grace_period(STOP_TIMEOUT)
        };
        let server = Self { recipe, program, home, temporary, port, process: Mutex::new(None) };
        server.restart().await.map(|()| server)
    }

    /// The program's name.
    pub fn name(&self) -> &'static str {
        self.recipe.name
    }

    /// Where a client finds it: `nats://127.0.0.1:PORT`, `redis://127.0.0.1:PORT`, `mongodb://127.0.0.1:PORT/?directConnection=true`.
    pub fn url(&self) -> String {
        let (before, after) = self.recipe.url;
        format!("{before}{}{after}", self.port)
    }

    /// Starts it on the same port with the same data, unless it runs.
    pub async fn restart(&self) -> Result<()> {
        let mut slot = self.process.lock().await;
        if let Some(process) = slot.as_mut()
            && process.ended()?.is_none()
        {
            return Ok(());
        }
        let mut process = self.program.spawn()?;
        let late = || format!("did not answer on port {} within {} s", self.port, START_TIMEOUT.as_secs());
        let started = timeout(START_TIMEOUT, self.wait_until_it_answers(&mut process)).await;
        if let Err(error) = started.with_context(late).flatten() {
            bail!("{} {error}; its log ends with:\n{}", self.recipe.name, self.end_of_log());
        }
        *slot = Some(process);
        (self.recipe.after_start)(self.url()).await
    }

    /// How it ended, if it did so without being asked. [`Server::restart`] starts it again.
    pub async fn died(&self) -> Option<Ended> {
        self.process.lock().await.as_mut().and_then(|process| process.ended().ok().flatten())
    }

    /// Ends it as a crash would. Its data stays.
    pub async fn kill(&self) -> Result<()> {
        let Some(mut process) = self.process.lock().await.take() else { return Ok(()) };
        process.kill().await.map(drop)
    }

    /// Sends its process a signal: STOP freezes it, CONT lets it go on. Nothing happens while it has no process.
    pub async fn signal(&self, signal: Signal) {
        if let Some(process) = self.process.lock().await.as_ref() {
            process.signal(signal);
        }
    }

    /// Its process, while it has one.
    pub async fn pid(&self) -> Option<i32> {
        self.process.lock().await.as_ref().map(|process| process.pid().as_raw_nonzero().get())
    }

    /// The folder with its data, to be copied, put back or emptied while it is stopped or killed.
    pub fn data(&self) -> PathBuf {
        self.home.join("data")
    }

    /// Ends it gracefully.
    pub async fn stop(&self) -> Result<()> {
        let Some(mut process) = self.process.lock().await.take() else { return Ok(()) };
        process.stop(STOP_TIMEOUT).await.map(drop)
    }

    async fn wait_until_it_answers(&self, process: &mut Process) -> Result<()> {
        loop {
            let (question, answer) = self.recipe.greeting;
            let answers = ports::answers(self.port, question, answer).await;
            // Asked second: what answers on a port may be another program, because of which ours has given up.
            if let Some(ended) = process.ended()? {
                bail!("did not start on port {} ({ended})", self.port);
            }
            if answers {
                return Ok(());
            }
            sleep(Duration::from_millis(10)).await;
        }
    }

    fn end_of_log(&self) -> String {
        let log = std::fs::read(self.home.join("log")).unwrap_or_default();
        let log = String::from_utf8_lossy(&log);
        let lines: Vec<&str> = log.lines().collect();
        let end = lines.iter().skip(lines.len().saturating_sub(5));
        end.map(|line| format!("  {}", line.chars().take(400).collect::<String>())).collect::<Vec<_>>().join("\n")
    }
}

impl Drop for Server {
    /// While a process runs, its supervisor removes the folder; after a kill nobody else would.
    fn drop(&mut self) {
        if self.temporary && self.process.get_mut().is_none() {
            let _ = std::fs::remove_dir_all(&self.home);
        }
    }
}
