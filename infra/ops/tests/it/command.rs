//! Running `ops` as a container would: its own arguments, its own environment, nothing else.

use std::fmt;
use std::fs::{self, File};
use std::process::Stdio;
use std::time::Duration;

use infra_local::process::{self, Pid, Signal};
use tempfile::TempDir;
use tokio::process::{Child, Command};
use tokio::time::{Instant, sleep, timeout};

/// How long a test waits for what should happen soon. Long, because only a failing test waits so long.
const PATIENCE: Duration = Duration::from_secs(120);

/// What came of it.
pub struct Outcome {
    pub code: i32,
    pub out: String,
    pub err: String,
}

impl Outcome {
    /// Fails unless it ended with 0.
    #[track_caller]
    pub fn expect_success(self) -> Self {
        assert_eq!(self.code, 0, "{self}");
        self
    }

    /// Fails unless it ended with this code and said this on its standard error.
    #[track_caller]
    pub fn expect_failure(self, code: i32, words: &str) -> Self {
        assert_eq!(self.code, code, "{self}");
        assert!(self.err.contains(words), "no `{words}` in {self}");
        self
    }

    /// Fails unless it printed this line.
    #[track_caller]
    pub fn expect_line(self, line: &str) -> Self {
        assert!(self.out.lines().any(|it| it == line), "no line `{line}` in {self}");
        self
    }
}

impl fmt::Display for Outcome {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "code {}\n--- out\n{}--- err\n{}", self.code, self.out, self.err)
    }
}

/// Runs `ops` with these arguments, separated by spaces, and this environment.
pub async fn ops(arguments: &str, environment: &[(&str, &str)]) -> Outcome {
    Running::begin(arguments, environment).finish().await
}

/// `ops` while it runs.
pub struct Running {
    process: Child,
    folder: TempDir,
}

impl Running {
    pub fn begin(arguments: &str, environment: &[(&str, &str)]) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let file = |name| File::create(folder.path().join(name)).unwrap();
        let process = Command::new(env!("CARGO_BIN_EXE_ops"))
            .args(arguments.split_whitespace())
            .env_clear()
            .envs(environment.iter().copied())
            .stdin(Stdio::null())
            .stdout(file("out"))
            .stderr(file("err"))
            .kill_on_drop(true)
            .spawn()
            .unwrap();
        Self { process, folder }
    }

    /// Waits until it has said this.
    pub async fn says(&self, words: &str) {
        eventually(words, async || self.read("out").contains(words).then_some(())).await;
    }

    /// Asks it to end.
    pub fn terminate(&self) {
        let id = self.process.id().unwrap();
        process::send(Pid::from_raw(id.try_into().unwrap()).unwrap(), Signal::TERM);
    }

    pub async fn finish(mut self) -> Outcome {
        let status = timeout(PATIENCE, self.process.wait()).await.expect("it ends in time").unwrap();
        Outcome { code: status.code().expect("no signal"), out: self.read("out"), err: self.read("err") }
    }

    fn read(&self, name: &str) -> String {
        fs::read_to_string(self.folder.path().join(name)).unwrap()
    }
}

/// Looks again and again until something is there.
pub async fn eventually<T>(what: &str, look: impl AsyncFn() -> Option<T>) -> T {
    let deadline = Instant::now() + PATIENCE;
    loop {
        if let Some(found) = look().await {
            return found;
        }
        assert!(Instant::now() < deadline, "never happened: {what}");
        sleep(Duration::from_millis(20)).await;
    }
}
