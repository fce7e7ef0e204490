//! The platform's local parts against real processes and real servers.
#![allow(clippy::expect_used, clippy::panic, clippy::unwrap_used)]

mod edge;
mod fleet;
mod http;
mod observe;
mod ports;
mod processes;
mod servers;
