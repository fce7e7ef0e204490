//! The client as a browser without JavaScript sees it, over the real services.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, missing_docs, reason = "tests fail by panicking")]

mod app;
mod browser;

mod account;
mod auth;
mod events;
mod find;
mod mailbox;
mod operator;
mod orders;
mod selling;
mod site;
mod tickets;

mod assets;
mod contrast;
mod docs;
mod done;
mod failure;
mod fresh;
mod lifecycle;
mod page;
mod visitor;
mod weight;
