//! What all servers have in common once they run.

use std::path::{Path, PathBuf};
use std::time::Duration;

use anyhow::{Context, Result, anyhow, bail};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::sync::Mutex;
use tokio::time::{Instant, sleep, timeout};

use super::locate;
use super::{Home, Recipe};
use crate::ports;
use crate::process::{Ended, Process, Program};

/// No server takes longer than this to start on a machine that works.
pub const START_LIMIT: Duration = Duration::from_secs(30);
const STOP_LIMIT: Duration = Duration::from_secs(10);

/// A server of any kind with its folder: `data` and `log`.
#[derive(Debug)]
pub struct Server {
    recipe: &'static Recipe,
    path: PathBuf,
    home: PathBuf,
    temporary: bool,
    port: u16,
    process: Mutex<Option<Process>>,
}

impl Server {
    /// A port given is the port used; a free one is chosen again if somebody else was quicker.
    pub async fn start(recipe: &'static Recipe, home: Home, port: Option<u16>) -> Result<Self> {
        let path = locate::locate(recipe).await?;
        let mut failure = anyhow!("{} was not started", recipe.name);
        for _ in 0..3 {
            if let Some(port) = port
                && !becomes_free(port).await
            {
                bail!("{} cannot start: port {port} is in use", recipe.name);
            }
            let server = Self::new(recipe, path.clone(), &home, port.map_or_else(ports::free, Ok)?)?;
            match server.restart().await {
                Ok(()) => return Ok(server),
                Err(error) => failure = error,
            }
            if port.is_some() {
                break;
            }
        }
        Err(failure)
    }

    fn new(recipe: &'static Recipe, path: PathBuf, home: &Home, port: u16) -> Result<Self> {
        let temporary = matches!(home, Home::Temporary);
        let home = match home {
            Home::Temporary => tempfile::Builder::new().prefix("ticketing-").tempdir()?.keep(),
            Home::Kept(folder) => folder.clone(),
        };
        std::fs::create_dir_all(home.join("data")).and_then(|()| std::fs::write(home.join("log"), "")).with_context(
            || format!("{} has no place for its data: {} is not writable", recipe.name, home.display()),
        )?;
        Ok(Self { recipe, path, home, temporary, port, process: Mutex::new(None) })
    }

    pub fn port(&self) -> u16 {
        self.port
    }

    /// Starts it on the same port with the same data, unless it runs.
    pub async fn restart(&self) -> Result<()> {
        let mut slot = self.process.lock().await;
        if let Some(process) = slot.as_mut()
            && process.ended()?.is_none()
        {
            return Ok(());
        }
        let mut process = self.program().spawn()?;
        self.wait_until_it_answers(&mut process).await?;
        *slot = Some(process);
        Ok(())
    }

    /// How it ended, if it did so without being asked. [`Server::restart`] brings it back.
    pub async fn died(&self) -> Option<Ended> {
        self.process.lock().await.as_mut().and_then(|process| process.ended().ok().flatten())
    }

    /// Ends it as a crash would. Its data stays.
    pub async fn kill(&self) -> Result<()> {
        let Some(mut process) = self.process.lock().await.take() else { return Ok(()) };
        process.kill().await.map(drop)
    }

    /// Ends it in good order.
    pub async fn stop(&self) -> Result<()> {
        let Some(mut process) = self.process.lock().await.take() else { return Ok(()) };
        process.stop(STOP_LIMIT).await.map(drop)
    }

    fn program(&self) -> Program {
        let arguments = (self.recipe.arguments)(&self.home.join("data").to_string_lossy(), &self.port.to_string());
        let program = Program::new(self.recipe.name, &self.path).arguments(arguments).log_to(self.home.join("log"));
        if self.temporary {
            // Nobody will read this data again, so there is nothing to end gently for.
            program.grace_period(Duration::ZERO).remove_afterwards(&self.home)
        } else {
            program.grace_period(STOP_LIMIT)
        }
    }

    async fn wait_until_it_answers(&self, process: &mut Process) -> Result<()> {
        let name = self.recipe.name;
        let until = Instant::now() + START_LIMIT;
        while Instant::now() < until {
            let answers = answers(self.port, self.recipe.greeting).await;
            // Asked second: what answers on a port may be somebody else, in front of whom ours has given up.
            if let Some(ended) = process.ended()? {
                bail!(
                    "{name} did not start on port {} ({ended}); its log ends with:\n{}",
                    self.port,
                    self.last_words()
                );
            }
            if answers {
                return Ok(());
            }
            sleep(Duration::from_millis(10)).await;
        }
        let limit = START_LIMIT.as_secs();
        bail!("{name} did not answer on port {} within {limit} s; its log ends with:\n{}", self.port, self.last_words())
    }

    fn last_words(&self) -> String {
        last_lines(&self.home.join("log"), 5)
    }
}

impl Drop for Server {
    /// While a process runs its supervisor cleans up after it; after a kill nobody else would.
    fn drop(&mut self) {
        if self.temporary && self.process.get_mut().is_none() {
            let _ = std::fs::remove_dir_all(&self.home);
        }
    }
}

/// Gives a server of an earlier run, whose holder was killed, the moment it needs to end.
async fn becomes_free(port: u16) -> bool {
    let until = Instant::now() + Duration::from_secs(2);
    while !ports::is_free(port) && Instant::now() < until {
        sleep(Duration::from_millis(50)).await;
    }
    ports::is_free(port)
}

async fn answers(port: u16, (question, answer): (&[u8], &[u8])) -> bool {
    let exchange = async {
        let mut stream = TcpStream::connect(("127.0.0.1", port)).await.ok()?;
        stream.write_all(question).await.ok()?;
        let mut heard = vec![0; answer.len()];
        stream.read_exact(&mut heard).await.ok()?;
        Some(heard == answer)
    };
    matches!(timeout(Duration::from_secs(1), exchange).await, Ok(Some(true)))
}

fn last_lines(log: &Path, count: usize) -> String {
    let text = std::fs::read(log).map(|bytes| String::from_utf8_lossy(&bytes).into_owned()).unwrap_or_default();
    let lines: Vec<&str> = text.lines().collect();
    let tail = &lines[lines.len().saturating_sub(count)..];
    if tail.is_empty() {
        return "  (nothing)".to_owned();
    }
    tail.iter().map(|line| format!("  {}", line.chars().take(400).collect::<String>())).collect::<Vec<_>>().join("\n")
}
