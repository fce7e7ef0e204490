//! What others read of the site: feeds, search engines, and the texts of its operator.

pub mod beginnings;
pub mod feed;
pub mod legal;
pub mod robots;
pub mod sitemap;

mod prose;
mod xml;
