//! What is stored.

pub mod claims;
pub mod details;
pub mod event;
pub mod events;
pub mod files;
pub mod listed;
pub mod offer;
pub mod price_cap;
pub mod reason;
pub mod reports;
pub mod reservations;
pub mod search;
pub mod text;
pub mod ticket;
pub mod tickets;
pub mod upload;
