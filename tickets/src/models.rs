//! What is stored.

pub mod offer;
pub mod reservations;
pub mod ticket;
pub mod tickets;
