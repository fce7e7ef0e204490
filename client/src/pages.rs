//! What the pages show, as Leptos components that are only ever rendered to text.

pub mod account;
pub mod fields;
pub mod layout;
pub mod order;
pub mod orders;
pub mod paging;
pub mod ticket;
pub mod ticket_form;
pub mod tickets;
pub mod trouble;
