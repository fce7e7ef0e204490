//! The tool as Jobs run it: the binary itself, against real servers.
#![allow(clippy::expect_used, clippy::panic, clippy::unwrap_used)]

mod command;
mod mongo_backup;
mod mongo_init;
mod reach;
mod replica_set;
mod servers;
mod stream_backup;
mod stream_init;
mod usage;
