//! A child process that ends when this process ends, even by SIGKILL.
//!
//! The operating system offers this on Linux alone and through unsafe calls only. So a small shell script (`supervisor.sh`) runs
//! in between: it starts the program and reads a pipe whose other end we hold. When the pipe closes, it ends the program.

mod program;

use std::fmt;
use std::process::{Child, ChildStdin, ChildStdout};
use std::time::Duration;

use anyhow::{Context, Result};
pub use rustix::process::{Pid, Signal};
use tokio::time::{sleep, timeout};

pub use self::program::Program;

const KILL_TIMEOUT: Duration = Duration::from_secs(10);

/// Sends a process a signal; one that is already gone is no error.
pub fn send(pid: Pid, signal: Signal) {
    let _ = rustix::process::kill_process(pid, signal);
}

/// A running program. Dropping it ends the program: SIGTERM, then SIGKILL after its grace period.
#[derive(Debug)]
pub struct Process {
    name: String,
    pid: Pid,
    supervisor: Child,
    hold: Option<ChildStdin>,
    output: Option<ChildStdout>,
}

impl Process {
    /// The program's own process id (not the supervisor's).
    pub fn pid(&self) -> Pid {
        self.pid
    }

    /// The program's standard output and error as one stream, unless they go to a file.
    pub fn take_output(&mut self) -> Option<ChildStdout> {
        self.output.take()
    }

    /// Sends the program a signal; one that is already gone is no error.
    pub fn signal(&self, signal: Signal) {
        send(self.pid, signal);
    }

    /// How the program ended, if it has.
    pub fn ended(&mut self) -> Result<Option<Ended>> {
        let status = self.supervisor.try_wait().with_context(|| format!("{} cannot be waited for", self.name))?;
        Ok(status.map(|status| Ended { code: status.code() }))
    }

    /// Waits for the end. Polls, so that it works under any runtime and outlives the one it was started under.
    pub async fn wait(&mut self) -> Result<Ended> {
        loop {
            if let Some(ended) = self.ended()? {
                return Ok(ended);
            }
            sleep(Duration::from_millis(10)).await;
        }
    }

    /// Asks the program to end (SIGTERM), and kills it (SIGKILL) when the deadline has passed.
    pub async fn stop(&mut self, deadline: Duration) -> Result<Ended> {
        self.signal(Signal::TERM);
        match timeout(deadline, self.wait()).await {
            Ok(ended) => ended,
            Err(_) => self.kill().await,
        }
    }

    /// Ends the program at once (SIGKILL), as a crash would.
    pub async fn kill(&mut self) -> Result<Ended> {
        self.signal(Signal::KILL);
        let ended = timeout(KILL_TIMEOUT, self.wait()).await;
        ended.with_context(|| format!("{} (process {:?}) does not die", self.name, self.pid))?
    }
}

impl Drop for Process {
    /// Closing the pipe is what makes the supervisor end the program.
    fn drop(&mut self) {
        drop(self.hold.take());
    }
}

/// How a program ended, in words.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Ended {
    code: Option<i32>,
}

impl Ended {
    /// Exit status 0.
    pub fn is_success(self) -> bool {
        self.code == Some(0)
    }
}

impl fmt::Display for Ended {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.code {
            // A shell reports a signal as 128 + its number.
            Some(137) => f.write_str("killed (SIGKILL)"),
            Some(143) => f.write_str("terminated (SIGTERM)"),
            Some(code) if code > 128 => write!(f, "ended by signal {}", code - 128),
            Some(code) => write!(f, "exit status {code}"),
            None => f.write_str("ended by a signal"),
        }
    }
}
