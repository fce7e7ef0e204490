#![doc = include_str!("../README.md")]
#![cfg_attr(test, allow(clippy::unwrap_used, clippy::panic, reason = "tests fail by panicking"))]

pub mod api;
pub mod events;
pub mod id;
pub mod listing;
pub mod money;
pub mod timestamp;

pub mod answers;
pub mod auth;
pub mod caller;
pub mod checkpoint;
pub mod config;
pub mod contract;
pub mod cookies;
pub mod cross_site;
pub mod dead_letters;
pub mod error;
pub mod extract;
pub mod fresh;
pub mod health;
pub mod http_client;
pub mod limits;
pub mod listener;
pub mod live;
pub mod mongo;
pub mod nats;
pub mod outbox;
pub mod page;
pub mod relay;
pub mod replica;
pub mod respond;
pub mod retry;
pub mod routes;
pub mod security;
pub mod service;
pub mod telemetry;
#[cfg(feature = "testing")]
pub mod testing;

/// Of every process: with the system's, a service spends up to a fifth more time on a request that writes.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;
