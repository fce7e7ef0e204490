//! What a seller offers, and how an offer is changed.

use common::extract::{Fields, Valid, filled};
use common::listing::Details;
use common::money::{Money, price_schema};
use serde_json::Value;
use utoipa::ToSchema;

use super::details::{DetailsPatch, parse_future_start, parse_start};

/// The body of offering a ticket.
#[derive(Clone, Debug, PartialEq, Eq, ToSchema)]
pub struct Offer {
    /// 1 to 200 characters, trimmed.
    #[schema(min_length = 1, max_length = 200)]
    pub title: String,
    /// More than nothing, at most 999999.99 dollars.
    #[schema(schema_with = price_schema)]
    pub price: Money,
    /// What else the listing says.
    #[serde(flatten)]
    pub details: Details,
}

/// The body of editing a ticket: title and price as in an offer, and the details that change.
#[derive(Clone, Debug, PartialEq, Eq, ToSchema)]
pub struct Edit {
    /// 1 to 200 characters, trimmed.
    #[schema(min_length = 1, max_length = 200)]
    pub title: String,
    /// More than nothing, at most 999999.99 dollars.
    #[schema(schema_with = price_schema)]
    pub price: Money,
    /// Those that are absent stay as they are.
    #[schema(value_type = Details)]
    #[serde(flatten)]
    pub details: DetailsPatch,
}

const MAX_TITLE_CHARACTERS: usize = 200;

impl Valid for Offer {
    fn read(body: &mut Fields) -> Option<Self> {
        let (title, price) = read_title_and_price(body);
        let details = DetailsPatch::read(body, parse_future_start);
        Some(Self { title: title?, price: price?, details: details?.apply(Details::default()) })
    }
}

impl Valid for Edit {
    fn read(body: &mut Fields) -> Option<Self> {
        let (title, price) = read_title_and_price(body);
        // Whether the start may lie in the past depends on what the ticket says now.
        let details = DetailsPatch::read(body, parse_start);
        Some(Self { title: title?, price: price?, details: details? })
    }
}

fn read_title_and_price(body: &mut Fields) -> (Option<String>, Option<Money>) {
    (body.take("title", parse_title), body.take("price", Money::parse_price))
}

fn parse_title(value: &Value) -> Result<String, &'static str> {
    let title = filled(value, "Title is required")?;
    if title.chars().count() > MAX_TITLE_CHARACTERS {
        return Err("Title must be at most 200 characters");
    }
    Ok(title.to_owned())
}
