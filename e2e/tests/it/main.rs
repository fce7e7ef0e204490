//! Stories of the whole platform.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, missing_docs, reason = "tests fail by panicking")]

mod accounts;
mod browser;
mod chaos;
mod contract;
mod crashes;
mod expiry;
mod faults;
mod figures;
mod forms;
mod invariants;
mod load;
mod observe;
mod platform;
mod recordings;
mod story;
mod traces;
