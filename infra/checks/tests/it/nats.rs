//! The broker's configuration and its streams.

mod caller;
mod cluster;
mod configuration;
mod guarded;
mod listening;
mod lists;
mod permissions;
mod publishers;
mod services;
mod topology;
