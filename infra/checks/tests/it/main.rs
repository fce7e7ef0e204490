//! What must be true of the files in `infra`, and of the workflows.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, missing_docs, reason = "tests fail by panicking")]

mod context;
mod dockerfile;
mod environment;
mod nats;
mod network;
mod overlays;
mod policy;
mod routes;
mod skaffold;
mod workflows;
