//! What is stored.

pub mod order;
pub mod orders;
pub mod slots;
pub mod ticket;
