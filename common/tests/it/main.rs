//! What every service stands on, on real servers: the outbox and its relay, the listener loop, the life of a process.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, missing_docs, reason = "tests fail by panicking")]

mod arrivals;
mod caller;
mod checkpoint;
mod config;
mod connections;
mod counter;
mod dead_letters;
mod drain;
mod durable;
mod ear;
mod events;
mod extract;
mod guard;
mod id;
mod listener;
mod log;
mod money;
mod operators;
mod page;
mod queries;
mod relay;
mod republish;
mod service;
mod sick;
mod start;
mod store;
mod timestamp;
mod together;
mod trace;
mod wire;
