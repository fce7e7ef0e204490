//! What is stored.

pub mod clock;
pub mod order;
pub mod payment;
pub mod payments;
