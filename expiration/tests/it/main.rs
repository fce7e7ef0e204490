//! The expiration service through its events, on a real Redis and a real NATS.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, missing_docs, reason = "tests fail by panicking")]

mod app;
mod checkpoint;
mod connection;
mod lifecycle;
mod listeners;
mod outages;
mod replicas;
mod schedule;
mod timer;
