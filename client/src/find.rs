//! Finding an event: the landing page, which is the search as well.

pub mod index;

mod active;
mod choices;
mod dates;
mod filters;
mod nothing;
