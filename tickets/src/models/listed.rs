//! What lists and searches find a ticket by. It stands beside the ticket's fields and is computed from them with every write.

use chrono::Datelike;
use common::id::{Id, as_object_id};
use common::listing::Details;
use common::money::Money;
use mongodb::bson::DateTime;
use serde::Serialize;

use super::text::{folded, words};

/// The sub-document `listed`.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Listed {
    /// The version of the ticket that it was computed from.
    pub of: i32,
    /// Only while the ticket is on sale: what was sold long ago makes no index larger.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub sale: Option<Sale>,
}

/// A ticket that is on sale, unless its event has begun since.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Sale {
    /// Always true: what the partial indexes filter by.
    pub on: bool,
    /// The key of its event, or its own id.
    #[serde(with = "as_object_id")]
    pub event: Id,
    /// When the event begins; [`UNDATED`] if that is not known.
    pub begins: DateTime,
    /// The day at the place, as 20270612; 0 if that is not known.
    pub day: i32,
    /// The price of the whole listing.
    pub cents: i64,
    /// The price of one seat.
    pub seat_cents: i64,
    /// Folded; empty if it is not known.
    pub city: String,
    /// Those of title, venue and city.
    pub words: Vec<String>,
    /// The same in one text, each behind a space: an index of several words cannot hold an order.
    pub text: String,
}

/// Behind every date: the year 9999.
pub const UNDATED: DateTime = DateTime::from_millis(253_370_764_800_000);

impl Sale {
    /// Of a ticket with this title, price and details.
    pub fn of(event: Id, title: &str, price: Money, details: &Details) -> Self {
        let texts = [Some(title), details.venue.as_deref(), details.city.as_deref()];
        let begins = details.starts_at.map(|time| DateTime::from_millis(time.instant().millis()));
        let words = words(texts.into_iter().flatten());
        Self {
            on: true,
            event,
            begins: begins.unwrap_or(UNDATED),
            day: details.starts_at.map_or(0, |time| day(time.at_place())),
            cents: price.cents(),
            seat_cents: details.price_of_one(price).cents(),
            city: details.city.as_deref().map(folded).unwrap_or_default(),
            text: words.iter().flat_map(|word| [" ", word]).collect(),
            words,
        }
    }
}

/// A date as one number, 20270612.
pub fn day(date: impl Datelike) -> i32 {
    date.year() * 10_000 + i32::try_from(date.month() * 100 + date.day()).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use common::id::Id;
    use common::listing::Details;
    use common::money::Money;

    use super::{Sale, UNDATED};

    #[test]
    fn a_ticket_is_found_by_the_day_at_the_place_and_the_price_of_a_seat() {
        let details = Details {
            city: Some("São Paulo".to_owned()),
            starts_at: "2027-06-12T22:00:00-03:00".parse().ok(),
            quantity: Some(2),
            ..Details::default()
        };
        let sale = Sale::of(Id::from_bytes([1; 12]), "Ópera", Money::from_cents(4001), &details);
        assert_eq!((sale.day, sale.cents, sale.seat_cents, sale.city.as_str()), (20_270_612, 4001, 2001, "sao paulo"));
        assert_eq!(sale.words, ["opera", "paulo", "sao"]);
        assert_eq!(sale.text, " opera paulo sao");
    }

    #[test]
    fn a_ticket_without_a_date_comes_after_all_others() {
        let sale = Sale::of(Id::from_bytes([1; 12]), "Opera", Money::from_cents(100), &Details::default());
        assert_eq!((sale.begins, sale.day, sale.city.as_str()), (UNDATED, 0, ""));
    }
}
