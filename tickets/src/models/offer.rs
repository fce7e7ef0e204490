//! What a seller offers.

use common::extract::{Fields, Valid, filled};
use common::listing::Details;
use common::money::Money;
use serde_json::Value;

/// The body of offering and of editing a ticket.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Offer {
    /// 1 to 200 characters, trimmed.
    pub title: String,
    /// More than nothing, at most 999999.99 dollars.
    pub price: Money,
    /// What else the listing says.
    pub details: Details,
}

const MAX_TITLE_CHARACTERS: usize = 200;

impl Valid for Offer {
    fn read(body: &mut Fields) -> Option<Self> {
        let title = body.take("title", parse_title);
        let price = body.take("price", Money::parse_price);
        Some(Self { title: title?, price: price?, details: Details::default() })
    }
}

fn parse_title(value: &Value) -> Result<String, &'static str> {
    let title = filled(value, "Title is required")?;
    if title.chars().count() > MAX_TITLE_CHARACTERS {
        return Err("Title must be at most 200 characters");
    }
    Ok(title.to_owned())
}
