//! What a request says of a listing beside its title and price.

use common::extract::{Fields, Patch};
use common::listing::{Details, LocalTime};
use common::money::Money;
use common::timestamp::Timestamp;
use serde_json::Value;

/// The details that a request gives, clears or leaves as they are.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct DetailsPatch {
    venue: Patch<String>,
    city: Patch<String>,
    starts_at: Patch<LocalTime>,
    section: Patch<String>,
    row: Patch<String>,
    seat: Patch<String>,
    quantity: Patch<i32>,
    face_value: Patch<Money>,
    restrictions: Patch<String>,
}

/// The most characters of a place, of where in it the seat is, and of the restrictions.
const MAX_PLACE: usize = 120;
const MAX_SEAT: usize = 40;
const MAX_RESTRICTIONS: usize = 500;

/// The most seats that are sold together.
const MAX_QUANTITY: i32 = 8;

/// What is said against a time that has passed.
pub const START_PASSED: &str = "Start must be in the future";

impl DetailsPatch {
    /// Reads every detail, so that all that is wrong is said at once; `None` when one was at fault.
    pub fn read(body: &mut Fields, parse_start: fn(&Value) -> Result<LocalTime, &'static str>) -> Option<Self> {
        let [venue, city] = [("venue", "Venue"), ("city", "City")].map(|field| text(body, field, MAX_PLACE));
        let [section, row, seat] =
            [("section", "Section"), ("row", "Row"), ("seat", "Seat")].map(|field| text(body, field, MAX_SEAT));
        let starts_at = body.take_optional("startsAt", parse_start);
        let quantity = body.take_optional("quantity", parse_quantity);
        let face_value = body.take_optional("faceValue", parse_face_value);
        let restrictions = text(body, ("restrictions", "Restrictions"), MAX_RESTRICTIONS);
        Some(Self {
            venue: venue?,
            city: city?,
            starts_at: starts_at?,
            section: section?,
            row: row?,
            seat: seat?,
            quantity: quantity?,
            face_value: face_value?,
            restrictions: restrictions?,
        })
    }

    /// The details with these changes.
    pub fn apply(self, mut details: Details) -> Details {
        self.venue.apply(&mut details.venue);
        self.city.apply(&mut details.city);
        self.starts_at.apply(&mut details.starts_at);
        self.section.apply(&mut details.section);
        self.row.apply(&mut details.row);
        self.seat.apply(&mut details.seat);
        self.quantity.apply(&mut details.quantity);
        self.face_value.apply(&mut details.face_value);
        self.restrictions.apply(&mut details.restrictions);
        details
    }
}

fn text(body: &mut Fields, (field, name): (&str, &str), max: usize) -> Option<Patch<String>> {
    body.take_optional(field, |value| match value.as_str().map(str::trim) {
        None => Err(format!("{name} must be a text")),
        Some(text) if text.chars().count() > max => Err(format!("{name} must be at most {max} characters")),
        Some(text) => Ok(text.to_owned()),
    })
}

/// When an event begins: ISO 8601 with an offset.
pub fn parse_start(value: &Value) -> Result<LocalTime, &'static str> {
    const MALFORMED: &str = "Start must be a date and time with an offset, such as 2027-06-12T20:00:00+02:00";
    value.as_str().and_then(|text| text.trim().parse().ok()).ok_or(MALFORMED)
}

/// When an event begins that is offered now.
pub fn parse_future_start(value: &Value) -> Result<LocalTime, &'static str> {
    let starts_at = parse_start(value)?;
    if starts_at.instant() > Timestamp::now() { Ok(starts_at) } else { Err(START_PASSED) }
}

fn parse_quantity(value: &Value) -> Result<i32, &'static str> {
    let number = match value {
        Value::String(text) => text.trim().parse().ok(),
        // `2.0` is a whole number in JSON, too.
        value => value.as_f64().filter(|number| number.fract() == 0.0).map(|number| number as i32),
    };
    number.filter(|number| (1..=MAX_QUANTITY).contains(number)).ok_or("Quantity must be between 1 and 8")
}

/// A price like that of the listing, and what is said against it names the field.
fn parse_face_value(value: &Value) -> Result<Money, String> {
    Money::parse_price(value).map_err(|message| message.replacen("Price", "Face value", 1))
}
