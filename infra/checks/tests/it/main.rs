//! The files in `infra` and the workflows, held against the code, real servers and linters.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, missing_docs, reason = "tests fail by panicking")]

mod alerts;
mod contracts;
mod drain;
mod environment;
mod linters;
mod nats;
mod overlay;
mod routes;
mod supply_chain;
mod tls;
mod tools;
