//! What every service stands on, on real servers: the outbox and its relay, the listener loop, the life of a process.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, missing_docs, reason = "tests fail by panicking")]

mod counter;
mod drain;
mod ear;
mod extract;
mod listener;
mod parked;
mod relay;
mod service;
mod store;
