//! Reserving and paying.

pub mod cancel;
pub mod index;
pub mod pay;
pub mod show;
