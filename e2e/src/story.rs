//! The story of a sale, from signing up to a ticket that is sold: through the API, and through the pages.
//!
//! Everything in them is new, so they can be played anywhere and any number of times.

mod pages;
mod sale;

pub use pages::pages;
pub use sale::sale;
