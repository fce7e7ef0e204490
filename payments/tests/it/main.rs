//! The payments service through its API and its events, on a real MongoDB and a real JetStream.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, missing_docs, reason = "tests fail by panicking")]

mod access;
mod app;
mod faults;
mod idle;
mod lifecycle;
mod listeners;
mod models;
mod order;
mod provider;
mod reconcile;
mod routes;
mod sequences;
mod stripe_double;
mod sweep;
mod upgrade;
