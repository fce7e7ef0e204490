//! Selling and buying.

pub mod buy;
pub mod edit;
pub mod new;
pub mod show;
