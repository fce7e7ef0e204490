//! The auth service through its API, on a real MongoDB and a real stream.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, missing_docs, reason = "tests fail by panicking")]

mod access;
mod app;
mod attempts;
mod guesses;
mod hashing;
mod lifecycle;
mod listeners;
mod mailing;
mod mails;
mod models;
mod password;
mod process;
mod republish;
mod routes;
mod security_log;
mod smtp;
mod traces;
