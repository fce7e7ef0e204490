//! What a listing says beside its title and price, and times with the offset in which they were given.

use std::fmt;
use std::str::FromStr;

use chrono::{DateTime, FixedOffset, SecondsFormat};
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use utoipa::ToSchema;

use crate::money::Money;
use crate::timestamp::Timestamp;

/// What a listing says beside its title and price. Everything may be absent, and what is absent does not stand in JSON.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct Details {
    /// Where the event is, to 120 characters.
    #[schema(max_length = 120)]
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub venue: Option<String>,
    /// To 120 characters.
    #[schema(max_length = 120)]
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub city: Option<String>,
    /// When the event begins, in the venue's local time.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub starts_at: Option<LocalTime>,
    /// To 40 characters.
    #[schema(max_length = 40)]
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub section: Option<String>,
    /// To 40 characters.
    #[schema(max_length = 40)]
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub row: Option<String>,
    /// To 40 characters.
    #[schema(max_length = 40)]
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub seat: Option<String>,
    /// How many seats are sold together at the one price, 1 to 8; absent means 1.
    #[schema(minimum = 1, maximum = 8)]
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub quantity: Option<i32>,
    /// What one ticket cost first, in dollars.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub face_value: Option<Money>,
    /// To 500 characters, such as "18 and over".
    #[schema(max_length = 500)]
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub restrictions: Option<String>,
}

impl Details {
    /// How many seats are sold together.
    pub fn seats(&self) -> i32 {
        self.quantity.unwrap_or(1).max(1)
    }

    /// What one seat costs when all of them cost this, rounded up to whole cents.
    pub fn price_of_one(&self, price: Money) -> Money {
        let seats = i64::from(self.seats());
        Money::from_cents((price.cents() + seats - 1) / seats)
    }

    /// Whether the event has begun. One without a date never has.
    pub fn has_begun(&self, now: Timestamp) -> bool {
        self.starts_at.is_some_and(|starts_at| starts_at.instant() <= now)
    }
}

/// An instant with the offset from UTC in which it was given: ISO 8601, `2027-06-12T20:00:00+02:00`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, ToSchema)]
#[schema(value_type = String, format = DateTime, description = "ISO 8601 with the offset of the place.")]
pub struct LocalTime(DateTime<FixedOffset>);

impl LocalTime {
    /// The instant, without its offset.
    pub fn instant(self) -> Timestamp {
        Timestamp::from_millis(self.0.timestamp_millis())
    }

    /// Date and clock as they are at the place.
    pub fn at_place(self) -> DateTime<FixedOffset> {
        self.0
    }
}

impl FromStr for LocalTime {
    type Err = chrono::ParseError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        // ISO 8601 lets the seconds be left out, and a browser's input does.
        let without_seconds = |error| DateTime::parse_from_str(text, "%Y-%m-%dT%H:%M%#z").map_err(|_| error);
        DateTime::parse_from_rfc3339(text).or_else(without_seconds).map(Self)
    }
}

impl fmt::Display for LocalTime {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0.to_rfc3339_opts(SecondsFormat::AutoSi, true))
    }
}

impl Serialize for LocalTime {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for LocalTime {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        String::deserialize(deserializer)?.parse().map_err(serde::de::Error::custom)
    }
}

#[cfg(test)]
mod tests {
    use serde_json::{from_value, json, to_value};

    use super::{Details, LocalTime};
    use crate::money::Money;
    use crate::timestamp::Timestamp;

    #[test]
    fn a_time_keeps_the_offset_that_it_came_with() {
        for text in ["2027-06-12T20:00:00+02:00", "2027-06-12T18:00:00Z", "2027-06-12T20:00:00.500-05:30"] {
            assert_eq!(text.parse::<LocalTime>().unwrap().to_string(), text);
        }
        let [berlin, utc] =
            ["2027-06-12T20:00:00+02:00", "2027-06-12T18:00:00Z"].map(|text| text.parse::<LocalTime>().unwrap());
        assert_eq!(berlin.instant(), utc.instant());
        for (text, full) in
            [("2027-06-12T20:00+02:00", "2027-06-12T20:00:00+02:00"), ("2027-06-12T18:00Z", "2027-06-12T18:00:00Z")]
        {
            assert_eq!(text.parse::<LocalTime>().unwrap().to_string(), full);
        }
        assert!("2027-06-12T20:00:00".parse::<LocalTime>().is_err() && "soon".parse::<LocalTime>().is_err());
    }

    #[test]
    fn what_a_listing_does_not_say_does_not_stand_in_its_json() {
        assert_eq!(to_value(Details::default()).unwrap(), json!({}));
        let said = json!({"venue": "Philharmonie", "city": "Berlin", "startsAt": "2027-06-12T20:00:00+02:00", "row": "3",
            "quantity": 2, "faceValue": 49.5});
        assert_eq!(to_value(from_value::<Details>(said.clone()).unwrap()).unwrap(), said);
    }

    #[test]
    fn the_price_of_one_seat_is_rounded_up() {
        let three = Details { quantity: Some(3), ..Details::default() };
        assert_eq!(three.price_of_one(Money::from_cents(10_000)), Money::from_cents(3334));
        assert_eq!(Details::default().price_of_one(Money::from_cents(10_000)), Money::from_cents(10_000));
    }

    #[test]
    fn an_event_has_begun_at_its_instant_and_one_without_a_date_never() {
        let starts_at: LocalTime = "2027-06-12T20:00:00+02:00".parse().unwrap();
        let dated = Details { starts_at: Some(starts_at), ..Details::default() };
        assert!(dated.has_begun(starts_at.instant()));
        assert!(!dated.has_begun(Timestamp::from_millis(starts_at.instant().millis() - 1)));
        assert!(!Details::default().has_begun(Timestamp::from_millis(i64::MAX)));
    }
}
