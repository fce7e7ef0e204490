mod asset;
mod auth;
mod index;
mod orders;
mod tickets;
mod trouble;
