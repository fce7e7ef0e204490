//! The client as a browser without JavaScript sees it, over the real services.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, missing_docs, reason = "tests fail by panicking")]

mod app;
mod browser;
mod lifecycle;
mod routes;
mod visitor;
