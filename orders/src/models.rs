//! What is stored.

pub mod order;
pub mod ticket;
