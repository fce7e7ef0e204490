//! The client as a browser without JavaScript sees it, over the real services.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, missing_docs, reason = "tests fail by panicking")]

mod app;
mod browser;

mod account;
mod auth;
mod operator;
mod orders;
mod selling;
mod tickets;

mod assets;
mod failure;
mod lifecycle;
mod list;
mod page;
mod visitor;
