//! The form of a listing: what its seller types, and what the tickets service is sent.

mod amount;
mod view;
mod zones;

pub use view::{FILE_TYPES, FormOf, form_page};

use std::hash::{DefaultHasher, Hash, Hasher};

use chrono::{NaiveDate, NaiveTime};
use common::api::{ErrorEntry, EventBody, TicketBody};
use common::id::Id;
use common::listing::{Details, LocalTime};
use common::money::Money;
use serde::Deserialize;
use serde_json::{Map, Value, json};

use crate::failure::Refusal;
use crate::language::{Language, t};
use zones::Zone;

/// The inputs, in the order of the page. `startsAt` is made of the three after `city`.
pub const FIELDS: [&str; 14] = [
    "title",
    "quantity",
    "price",
    "venue",
    "city",
    "date",
    "time",
    "zone",
    "section",
    "row",
    "seat",
    "faceValue",
    "restrictions",
    "file",
];

/// A listing as its seller typed it. The tickets service says what is wrong with it.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub struct ListingForm {
    title: String,
    /// Dollars, such as `12.50`, for all seats together.
    price: String,
    quantity: String,
    venue: String,
    city: String,
    /// `2027-06-12`
    date: String,
    /// `20:00`
    time: String,
    /// A zone's name or an offset.
    zone: String,
    section: String,
    row: String,
    seat: String,
    face_value: String,
    restrictions: String,
    /// The button that only shows what buyers will see.
    preview: Option<String>,
    /// The same for every time that one form is sent.
    key: String,
}

impl ListingForm {
    /// An empty one.
    pub fn new(language: Language) -> Self {
        Self { zone: t!(language, "sell-zone-usual"), quantity: "1".to_owned(), ..Self::default() }
    }

    /// A listing that is there already.
    pub fn of(ticket: &TicketBody, language: Language) -> Self {
        let details = ticket.details.clone();
        let face_value = details.face_value.map(|value| amount::typed(value, language)).unwrap_or_default();
        let form = Self {
            title: ticket.title.clone(),
            price: amount::typed(ticket.price, language),
            quantity: details.seats().to_string(),
            section: details.section.unwrap_or_default(),
            row: details.row.unwrap_or_default(),
            seat: details.seat.unwrap_or_default(),
            restrictions: details.restrictions.unwrap_or_default(),
            face_value,
            ..Self::new(language)
        };
        form.at(details.venue, details.city, details.starts_at)
    }

    /// A new listing of an event that is there already.
    pub fn of_event(event: EventBody, language: Language) -> Self {
        let form = Self { title: event.title, ..Self::new(language) };
        form.at(event.venue, event.city, event.starts_at)
    }

    fn at(self, venue: Option<String>, city: Option<String>, starts_at: Option<LocalTime>) -> Self {
        let form = Self { venue: venue.unwrap_or_default(), city: city.unwrap_or_default(), ..self };
        let Some(time) = starts_at.map(LocalTime::at_place) else { return form };
        let (date, clock) = (time.format("%Y-%m-%d").to_string(), time.format("%H:%M").to_string());
        Self { date, time: clock, zone: time.format("%:z").to_string(), ..form }
    }

    /// Whether the seller only wants to see what buyers will see.
    pub fn is_preview(&self) -> bool {
        self.preview.is_some()
    }

    /// What makes it the same listing when it is sent twice. A form that was changed after going back is another.
    pub fn key(&self, body: &Value) -> Option<String> {
        let form: Id = self.key.parse().ok()?;
        let mut hasher = DefaultHasher::new();
        body.to_string().hash(&mut hasher);
        Some(format!("{form}-{:016x}", hasher.finish()))
    }

    /// With this key.
    pub fn with_key(self, key: String) -> Self {
        Self { key, ..self }
    }

    /// What the tickets service is sent. What is empty is `null`, which is "none" for a new listing and clears an old one's.
    pub fn body(&self, language: Language) -> Value {
        let text = |text: &str| if text.trim().is_empty() { Value::Null } else { json!(text) };
        let money = |typed: &str| text(&amount::plain(typed, language));
        let quantity = if self.quantity.trim() == "1" { Value::Null } else { text(&self.quantity) };
        let mut body = Map::new();
        for (name, value) in [
            ("title", json!(self.title)),
            ("price", json!(amount::plain(&self.price, language))),
            ("quantity", quantity),
            ("venue", text(&self.venue)),
            ("city", text(&self.city)),
            ("startsAt", text(&self.starts_at())),
            ("section", text(&self.section)),
            ("row", text(&self.row)),
            ("seat", text(&self.seat)),
            ("faceValue", money(&self.face_value)),
            ("restrictions", text(&self.restrictions)),
        ] {
            body.insert(name.to_owned(), value);
        }
        Value::Object(body)
    }

    /// Date, clock and zone as one time; what cannot be one is something that the service refuses.
    fn starts_at(&self) -> String {
        if self.date.trim().is_empty() && self.time.trim().is_empty() {
            return String::new();
        }
        self.time_at_place().map_or_else(|| format!("{}T{}", self.date, self.time), |time| time.to_string())
    }

    fn time_at_place(&self) -> Option<LocalTime> {
        let date: NaiveDate = self.date.trim().parse().ok()?;
        let clock = self.time.trim();
        let clock = NaiveTime::parse_from_str(clock, "%H:%M").or_else(|_| clock.parse()).ok()?;
        Zone::parse(self.zone.trim())?.at(date.and_time(clock))
    }

    /// A refusal as this form shows it: what is wrong with the time stands beside the input that it came from.
    pub fn explain(&self, mut refusal: Refusal, language: Language) -> Refusal {
        for entry in refusal.errors.iter_mut().filter(|entry| entry.field.as_deref() == Some("startsAt")) {
            let (field, message) = match (self.date.trim(), self.time.trim()) {
                (_, "") => ("time", t!(language, "sell-time-missing")),
                ("", _) => ("date", t!(language, "sell-date-missing")),
                _ => ("date", entry.message.clone()),
            };
            *entry = ErrorEntry { message, field: Some(field.to_owned()) };
        }
        refusal.in_form(language, &FIELDS)
    }

    /// What can be read of it so far, for the preview.
    pub fn draft(&self, language: Language) -> (String, Option<Money>, Details) {
        let filled = |text: &str| Some(text.trim().to_owned()).filter(|text| !text.is_empty());
        let money = |typed: &str| Money::parse_price(&amount::plain(typed, language).into()).ok();
        let details = Details {
            venue: filled(&self.venue),
            city: filled(&self.city),
            starts_at: self.time_at_place(),
            section: filled(&self.section),
            row: filled(&self.row),
            seat: filled(&self.seat),
            quantity: self.quantity.trim().parse().ok().filter(|seats| (2..=8).contains(seats)),
            face_value: money(&self.face_value),
            restrictions: filled(&self.restrictions),
        };
        (self.title.trim().to_owned(), money(&self.price), details)
    }
}

#[cfg(test)]
mod tests {
    use axum::http::StatusCode;
    use common::api::ErrorEntry;
    use serde_json::{from_value, json};

    use super::ListingForm;
    use crate::failure::Refusal;
    use crate::language::Language;

    fn form(fields: serde_json::Value) -> ListingForm {
        from_value(fields).unwrap()
    }

    #[test]
    fn a_form_becomes_what_the_service_reads() {
        let language = Language::default();
        let filled = form(
            json!({"title": "Concert", "price": "$1,234.50", "quantity": "2", "venue": "Philharmonie", "city": " ",
            "date": "2027-06-12", "time": "20:00", "zone": "Europe/Berlin", "faceValue": "49,50"}),
        );
        assert_eq!(
            filled.body(language),
            json!({"title": "Concert", "price": "1234.50", "quantity": "2", "venue": "Philharmonie", "city": null,
                "startsAt": "2027-06-12T20:00:00+02:00", "section": null, "row": null, "seat": null, "faceValue": "49.50",
                "restrictions": null})
        );
        let empty = form(json!({"zone": "Europe/Berlin"})).body(language);
        assert_eq!((&empty["title"], &empty["price"], &empty["startsAt"]), (&json!(""), &json!(""), &json!(null)));
    }

    #[test]
    fn half_a_time_is_refused_beside_the_half_that_is_missing() {
        let language = Language::default();
        for (date, time, field) in [("2027-06-12", "", "time"), ("", "20:00", "date"), ("2020-06-12", "20:00", "date")]
        {
            let form = form(json!({"date": date, "time": time, "zone": "Europe/Berlin"}));
            assert_ne!(form.body(language)["startsAt"], json!(null));
            let entry = ErrorEntry { message: "Past".to_owned(), field: Some("startsAt".to_owned()) };
            let refusal = Refusal { status: StatusCode::BAD_REQUEST, errors: vec![entry], ..Refusal::default() };
            assert!(form.explain(refusal, language).is_first(field), "{date} {time}");
        }
    }

    #[test]
    fn a_draft_is_what_can_be_read_so_far() {
        let (title, price, details) =
            form(json!({"title": " Concert ", "price": "x", "quantity": "9", "seat": "4"})).draft(Language::default());
        assert_eq!(
            (title.as_str(), price, details.quantity, details.seat.as_deref()),
            ("Concert", None, None, Some("4"))
        );
    }
}
