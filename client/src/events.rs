//! One event and what is on sale for it.

pub mod linked_data;
pub mod show;

mod gone;
mod listing;
