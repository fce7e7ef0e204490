//! What every service stands on, on real servers: the outbox and its relay, the listener loop, the life of a process.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, missing_docs, reason = "tests fail by panicking")]

mod connections;
mod counter;
mod drain;
mod durable;
mod ear;
mod extract;
mod guarded;
mod listener;
mod log;
mod parked;
mod relay;
mod service;
mod start;
mod store;
mod wire;
