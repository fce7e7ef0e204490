//! What is stored.

pub mod email;
pub mod order;
pub mod session;
pub mod signing_key;
pub mod user;
