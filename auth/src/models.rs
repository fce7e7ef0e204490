//! What is stored.

pub mod email;
pub mod user;
