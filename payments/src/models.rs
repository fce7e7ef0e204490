//! What is stored.

pub mod order;
pub mod payment;
pub mod payments;
