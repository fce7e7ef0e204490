//! The orders service through its API and its events, on a real MongoDB and JetStream.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, missing_docs, reason = "tests fail by panicking")]

mod access;
mod app;
mod lifecycle;
mod limits;
mod listeners;
mod models;
mod original;
mod routes;
mod rush;
mod sweep;
