//! What the platform keeps when its parts fail, with real processes and servers: a fault while orders are placed, paid, cancelled
//! and left to expire; then everything must settle, and the invariants must hold.

mod broker;
mod clocks;
mod market;
mod payments;
mod provider;
mod proxy;
mod redis;
mod refunds;
mod stores;
mod stripe;
mod withdrawals;
