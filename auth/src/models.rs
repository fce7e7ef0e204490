//! What is stored.

pub mod email;
pub mod failures;
pub mod letter;
pub mod link;
pub mod mail;
pub mod mails;
pub mod order;
pub mod session;
pub mod signing_key;
pub mod user;
