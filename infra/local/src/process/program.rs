//! What to run, and how its supervisor is started.

use std::ffi::OsString;
use std::io::Read;
use std::os::unix::process::CommandExt;
use std::path::PathBuf;
use std::process::{ChildStdout, Command, Stdio};
use std::time::Duration;

use anyhow::{Context, Result};
use rustix::process::Pid;

use super::Process;

/// What to run, and what happens to it when its holder, the process that started it, has ended.
#[derive(Debug, Clone)]
pub struct Program {
    name: String,
    path: PathBuf,
    arguments: Vec<OsString>,
    environment: Vec<(String, Option<String>)>,
    log: PathBuf,
    home: PathBuf,
    grace_period: Duration,
}

impl Program {
    /// `name` is for messages; `path` is looked up in `PATH` if it has no slash.
    pub fn new(name: impl Into<String>, path: impl Into<PathBuf>) -> Self {
        Self {
            name: name.into(),
            path: path.into(),
            arguments: Vec::new(),
            environment: Vec::new(),
            log: PathBuf::new(),
            home: PathBuf::new(),
            grace_period: Duration::from_secs(10),
        }
    }

    /// Appends command line arguments.
    pub fn arguments<I: IntoIterator<Item = A>, A: Into<OsString>>(mut self, arguments: I) -> Self {
        self.arguments.extend(arguments.into_iter().map(Into::into));
        self
    }

    /// Adds a variable to the environment, which is otherwise our own.
    pub fn environment(mut self, name: impl Into<String>, value: impl Into<String>) -> Self {
        self.environment.push((name.into(), Some(value.into())));
        self
    }

    /// Withholds a variable of our own environment, unless it is added afterwards.
    pub fn without(mut self, name: impl Into<String>) -> Self {
        self.environment.push((name.into(), None));
        self
    }

    /// Appends the program's output to a file instead of handing it to [`Process::take_output`].
    pub fn log_to(mut self, file: impl Into<PathBuf>) -> Self {
        self.log = file.into();
        self
    }

    /// Removes this folder when the holder has ended, but not when the program alone dies.
    pub fn remove_afterwards(mut self, home: impl Into<PathBuf>) -> Self {
        self.home = home.into();
        self
    }

    /// Time between SIGTERM and SIGKILL once the holder has ended; 10 s by default.
    pub fn grace_period(mut self, grace_period: Duration) -> Self {
        self.grace_period = grace_period;
        self
    }

    /// Starts the program in a process group of its own, so that Ctrl-C in the terminal reaches us alone.
    pub fn spawn(&self) -> Result<Process> {
        let mut command = Command::new("sh");
        for (name, value) in &self.environment {
            match value {
                Some(value) => command.env(name, value),
                None => command.env_remove(name),
            };
        }
        let mut supervisor = command
            .args(["-c", r#"eval "$SUPERVISOR""#, "supervisor"])
            .env("SUPERVISOR", include_str!("supervisor.sh"))
            .args([&self.log, &self.home])
            .arg((self.grace_period.as_millis() / 100).to_string())
            .arg(&self.path)
            .args(&self.arguments)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .process_group(0)
            .spawn()
            .with_context(|| format!("{} cannot be started: no shell `sh` to run it from", self.name))?;
        let hold = supervisor.stdin.take();
        let mut output = supervisor.stdout.take().context("the supervisor has no output")?;
        let pid = read_pid(&mut output).with_context(|| format!("{} did not start", self.name))?;
        Ok(Process { name: self.name.clone(), pid, supervisor, hold, output: Some(output) })
    }
}

/// The first line of the supervisor's output, read byte by byte because all that follows belongs to the program.
fn read_pid(output: &mut ChildStdout) -> Result<Pid> {
    let mut line = String::new();
    let mut byte = [0];
    while output.read(&mut byte)? == 1 && byte[0] != b'\n' {
        line.push(char::from(byte[0]));
    }
    line.parse().ok().and_then(Pid::from_raw).with_context(|| format!("`{line}` is not a process id"))
}
