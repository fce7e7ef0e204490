//! Where the services' log lines go, each with the name of its service in front.

use std::fs::File;
use std::io::{self, BufRead, BufReader, Write};
use std::os::fd::AsFd;
use std::path::Path;
use std::process::ChildStdout;
use std::sync::{Arc, Mutex, PoisonError};

use anyhow::{Context, Result};

/// A file for lines, shared by all that write to it.
#[derive(Debug, Clone)]
pub struct Output(Arc<Mutex<File>>);

impl Output {
    /// Our own standard output.
    pub fn terminal() -> Result<Self> {
        let stdout = io::stdout().as_fd().try_clone_to_owned()?;
        Ok(Self(Arc::new(Mutex::new(stdout.into()))))
    }

    /// A new file, for tests, whose own output should stay readable.
    pub fn file(path: &Path) -> Result<Self> {
        let file = File::create(path).with_context(|| format!("{} cannot be written", path.display()))?;
        Ok(Self(Arc::new(Mutex::new(file))))
    }

    /// Writes one line with the name of its `source`.
    pub fn line(&self, source: &str, text: &str) {
        self.text(&format!("{source:<10} | {text}"));
    }

    /// Writes text without a name. A reader that is gone (`| head`) is no reason to stop.
    pub fn text(&self, text: &str) {
        let mut file = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let _ = file.write_all(format!("{text}\n").as_bytes());
    }

    /// Passes on all lines of a program, from a thread of its own, until it has ended.
    pub(super) fn pass_on(&self, source: &'static str, lines: ChildStdout) {
        let output = self.clone();
        std::thread::spawn(move || {
            for line in BufReader::new(lines).split(b'\n').map_while(io::Result::ok) {
                output.line(source, String::from_utf8_lossy(&line).trim_end());
            }
        });
    }
}
