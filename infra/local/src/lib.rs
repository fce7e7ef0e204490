#![doc = include_str!("../README.md")]

pub mod cargo;
pub mod edge;
pub mod fleet;
pub mod ports;
pub mod process;
pub mod servers;

pub use fleet::Fleet;
pub use servers::{Home, Mongod, Nats, Redis};
