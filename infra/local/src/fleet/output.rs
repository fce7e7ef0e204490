//! Where the services' log lines go, each with the name of its service in front.

use std::fmt;
use std::fs::File;
use std::io::{self, BufRead, BufReader, IsTerminal, Write};
use std::path::Path;
use std::process::ChildStdout;
use std::sync::{Arc, Mutex, PoisonError};

use anyhow::{Context, Result};

use super::ports::SERVICES;

/// A sink for lines, shared by all that write to it.
#[derive(Clone)]
pub struct Output {
    sink: Arc<Mutex<Box<dyn Write + Send>>>,
    colour: bool,
}

impl Output {
    /// Our own standard output; in colour on a terminal, unless `NO_COLOR` is set.
    pub fn terminal() -> Self {
        let colour = io::stdout().is_terminal() && std::env::var_os("NO_COLOR").is_none();
        Self { sink: Arc::new(Mutex::new(Box::new(io::stdout()))), colour }
    }

    /// A new file, for tests, whose own output should stay readable.
    pub fn file(path: &Path) -> Result<Self> {
        let file = File::create(path).with_context(|| format!("{} cannot be written", path.display()))?;
        Ok(Self { sink: Arc::new(Mutex::new(Box::new(file))), colour: false })
    }

    /// Writes one line with the name of its `source`. A reader that is gone (`| head`) is no reason to stop.
    pub fn line(&self, source: &str, text: &str) {
        let mut sink = self.sink.lock().unwrap_or_else(PoisonError::into_inner);
        let _ = match colour(source).filter(|_| self.colour) {
            Some(colour) => writeln!(sink, "\x1b[{colour}m{source:<10} |\x1b[0m {text}"),
            None => writeln!(sink, "{source:<10} | {text}"),
        };
    }

    /// Writes text without a name.
    pub fn text(&self, text: &str) {
        let mut sink = self.sink.lock().unwrap_or_else(PoisonError::into_inner);
        let _ = writeln!(sink, "{text}");
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

impl fmt::Debug for Output {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Output").field("colour", &self.colour).finish_non_exhaustive()
    }
}

/// ANSI colours that can be told apart on a dark and on a light background.
fn colour(source: &str) -> Option<u8> {
    let position = SERVICES.iter().position(|service| *service == source)?;
    [36, 32, 33, 35, 34, 31].get(position).copied()
}
