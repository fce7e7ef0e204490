//! Time zones to choose from, so that nobody has to know an offset or when summer time begins.

use chrono::{FixedOffset, NaiveDateTime, TimeZone};
use chrono_tz::Tz;
use common::listing::LocalTime;

use crate::language::{Language, t};

/// A zone for each clock that many people live by, from west to east. `sell-zone-name` names some of its cities.
const ZONES: [&str; 30] = [
    "Pacific/Honolulu",
    "America/Anchorage",
    "America/Los_Angeles",
    "America/Denver",
    "America/Phoenix",
    "America/Chicago",
    "America/Mexico_City",
    "America/New_York",
    "America/Bogota",
    "America/Halifax",
    "America/Sao_Paulo",
    "UTC",
    "Europe/London",
    "Africa/Lagos",
    "Europe/Berlin",
    "Africa/Johannesburg",
    "Europe/Athens",
    "Africa/Cairo",
    "Europe/Istanbul",
    "Africa/Nairobi",
    "Asia/Dubai",
    "Asia/Karachi",
    "Asia/Kolkata",
    "Asia/Dhaka",
    "Asia/Bangkok",
    "Asia/Singapore",
    "Asia/Tokyo",
    "Australia/Brisbane",
    "Australia/Sydney",
    "Pacific/Auckland",
];

/// The options of the list, and `chosen` among them: a zone, or an offset such as `+02:00` that came with a listing.
pub fn options(language: Language, chosen: &str) -> Vec<(String, String)> {
    let own = (!ZONES.contains(&chosen) && Zone::parse(chosen).is_some()).then(|| {
        let name = if chosen.starts_with(['+', '-']) { format!("UTC{chosen}") } else { city(chosen).replace('_', " ") };
        (chosen.to_owned(), name)
    });
    let known = ZONES.map(|zone| {
        let name = t!(language, "sell-zone-name", zone = city(zone));
        (zone.to_owned(), name)
    });
    own.into_iter().chain(known).collect()
}

/// `America/New_York` is known by `New_York`.
fn city(zone: &str) -> &str {
    zone.rsplit_once('/').map_or(zone, |(_, city)| city)
}

/// The clock of a place.
pub enum Zone {
    /// By the rules of a named zone.
    Named(Tz),
    /// At the same distance from UTC all year.
    Fixed(FixedOffset),
}

impl Zone {
    /// `Europe/Berlin` or `+02:00`
    pub fn parse(text: &str) -> Option<Self> {
        text.parse().map(Self::Named).or_else(|_| text.parse().map(Self::Fixed)).ok()
    }

    /// What the clock of the place shows, with the offset that it has on that day. A clock that is shown twice, when summer time ends,
    /// means the first time; one that is skipped, when it begins, is read as if it had not begun.
    pub fn at(&self, clock: NaiveDateTime) -> Option<LocalTime> {
        let time = match self {
            Self::Fixed(offset) => offset.from_local_datetime(&clock).earliest()?.to_rfc3339(),
            Self::Named(zone) => match zone.from_local_datetime(&clock).earliest() {
                Some(time) => time.to_rfc3339(),
                None => {
                    let before = zone.from_local_datetime(&(clock - chrono::TimeDelta::hours(3))).earliest()?;
                    (before + chrono::TimeDelta::hours(3)).to_rfc3339()
                }
            },
        };
        time.parse().ok()
    }
}

#[cfg(test)]
mod tests {
    use super::{ZONES, Zone, options};
    use crate::language::Language;

    #[test]
    fn a_clock_gets_the_offset_that_its_place_has_on_that_day() {
        for (zone, clock, time) in [
            ("Europe/Berlin", "2027-06-12T20:00", "2027-06-12T20:00:00+02:00"),
            ("Europe/Berlin", "2027-12-12T20:00", "2027-12-12T20:00:00+01:00"),
            ("America/New_York", "2027-06-12T20:00", "2027-06-12T20:00:00-04:00"),
            ("Asia/Kolkata", "2027-06-12T20:00", "2027-06-12T20:00:00+05:30"),
            ("+02:00", "2027-12-12T20:00", "2027-12-12T20:00:00+02:00"),
            ("-05:30", "2027-12-12T20:00", "2027-12-12T20:00:00-05:30"),
            // Summer time ends: the first of two. It begins: the clock goes from 2 to 3.
            ("Europe/Berlin", "2027-10-31T02:30", "2027-10-31T02:30:00+02:00"),
            ("Europe/Berlin", "2027-03-28T02:30", "2027-03-28T03:30:00+02:00"),
        ] {
            let clock = chrono::NaiveDateTime::parse_from_str(clock, "%Y-%m-%dT%H:%M").unwrap();
            assert_eq!(Zone::parse(zone).unwrap().at(clock).unwrap(), time.parse().unwrap(), "{zone} {clock}");
        }
        assert!(Zone::parse("").is_none() && Zone::parse("Atlantis").is_none());
    }

    #[test]
    fn every_zone_has_a_name_and_what_was_chosen_is_among_them() {
        let all = options(Language::default(), "Europe/Berlin");
        assert_eq!(all.len(), ZONES.len());
        let names: std::collections::HashSet<_> = all.iter().map(|(_, name)| name).collect();
        assert_eq!(names.len(), ZONES.len(), "{names:?}");
        assert!(ZONES.iter().all(|zone| Zone::parse(zone).is_some()));
        assert_eq!(options(Language::default(), "+05:45")[0], ("+05:45".to_owned(), "UTC+05:45".to_owned()));
        assert_eq!(options(Language::default(), "Europe/Vienna")[0].1, "Vienna");
        assert_eq!(options(Language::default(), "<b>").len(), ZONES.len());
    }
}
