//! The tickets service through its API and its events, on a real MongoDB and JetStream.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, missing_docs, reason = "tests fail by panicking")]

mod access;
mod app;
mod file_sweep;
mod files;
mod lifecycle;
mod listeners;
mod models;
mod original;
mod routes;
mod sweep;
