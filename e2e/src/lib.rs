#![doc = include_str!("../README.md")]
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "stories fail by panicking, as tests do")]

pub mod acknowledged;
pub mod browser;
pub mod cluster;
pub mod invariants;
pub mod person;
pub mod stores;
pub mod story;
