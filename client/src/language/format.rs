//! How money, dates and times are written.

use std::time::Duration;

use chrono::{DateTime, Datelike, FixedOffset, NaiveDate};
use common::listing::LocalTime;
use common::money::Money;
use common::timestamp::Timestamp;

use super::{Language, t};

impl Language {
    /// `$1,234.50`; whole dollars have no decimals.
    pub fn money(self, money: Money) -> String {
        let (dollars, cents) = (money.cents().abs() / 100, money.cents().abs() % 100);
        let digits = dollars.to_string();
        let groups: Vec<&str> = (0..digits.len())
            .filter(|at| *at == 0 || (digits.len() - at).is_multiple_of(3))
            .map(|at| {
                &digits[at..(at + 1..digits.len())
                    .find(|end| (digits.len() - end).is_multiple_of(3))
                    .unwrap_or(digits.len())]
            })
            .collect();
        let mut amount = groups.join(&t!(self, "thousands-mark"));
        if cents > 0 {
            amount = format!("{amount}{}{cents:02}", t!(self, "decimal-mark"));
        }
        if money.cents() < 0 {
            amount.insert(0, '−');
        }
        t!(self, "money", amount = amount)
    }

    /// `Saturday, 12 June 2027`
    pub fn date(self, date: NaiveDate) -> String {
        let weekday = t!(self, "weekday-name", weekday = date.weekday().number_from_monday());
        let month = t!(self, "month-name", month = date.month());
        t!(self, "date-long", weekday = weekday, day = date.day(), month = month, year = date.year().to_string())
    }

    /// `Saturday, 12 June 2027, 20:00`, as it is at the venue.
    pub fn date_and_clock(self, time: LocalTime) -> String {
        let place = time.at_place();
        t!(self, "date-and-clock", date = self.date(place.date_naive()), clock = place.format("%H:%M").to_string())
    }

    /// `Sat`, `12`, `Jun`: the parts of a date that stands out.
    pub fn short_date(self, time: LocalTime) -> [String; 3] {
        let date = time.at_place();
        let weekday = t!(self, "weekday-short", weekday = date.weekday().number_from_monday());
        [weekday, date.day().to_string(), t!(self, "month-short", month = date.month())]
    }

    /// How far away a time is, in days of its place: `tomorrow`, `in 5 weeks`.
    pub fn away(self, time: LocalTime, now: Timestamp) -> String {
        let now = DateTime::from_timestamp_millis(now.millis()).unwrap_or_default();
        let place: DateTime<FixedOffset> = time.at_place();
        let days = (place.date_naive() - now.with_timezone(place.offset()).date_naive()).num_days();
        match days {
            _ if place <= now => t!(self, "away-over"),
            ..14 => t!(self, "away-days", days = days),
            14..60 => t!(self, "away-weeks", weeks = days / 7),
            60..730 => t!(self, "away-months", months = days / 30),
            _ => t!(self, "away-years", years = days / 365),
        }
    }

    /// `14:32 UTC`. Scripts show it as the device's own time.
    pub fn clock(self, time: Timestamp) -> String {
        let time = DateTime::from_timestamp_millis(time.millis()).unwrap_or_default();
        t!(self, "clock-utc", clock = time.format("%H:%M").to_string())
    }

    /// `14 min 32 s`: a time in its two largest units.
    pub fn time_left(self, left: Duration) -> String {
        let (minutes, seconds) = (left.as_secs() / 60, left.as_secs() % 60);
        match (minutes / 60, minutes % 60) {
            (0, 0) => t!(self, "time-left-seconds", seconds = seconds),
            (0, minutes) => t!(self, "time-left-minutes", minutes = minutes, seconds = seconds),
            (hours, minutes) => t!(self, "time-left-hours", hours = hours, minutes = minutes),
        }
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use common::listing::LocalTime;
    use common::money::Money;
    use common::timestamp::Timestamp;

    use super::Language;

    fn language(tag: &str) -> Language {
        Language::named(tag).unwrap()
    }

    #[test]
    fn money_and_times_are_written_as_the_language_does() {
        let [en, de] = ["en", "de"].map(language);
        for (cents, english, german) in [
            (1250, "$12.50", "12,50 $"),
            (2000, "$20", "20 $"),
            (123_456_789, "$1,234,567.89", "1.234.567,89 $"),
            (5, "$0.05", "0,05 $"),
            (100_000, "$1,000", "1.000 $"),
        ] {
            assert_eq!(
                (en.money(Money::from_cents(cents)), de.money(Money::from_cents(cents))),
                (english.into(), german.into())
            );
        }
        let time = "2027-06-12T20:00:00+02:00".parse().unwrap();
        assert_eq!(en.date_and_clock(time), "Saturday, 12 June 2027, 20:00");
        assert_eq!(de.date_and_clock(time), "Samstag, 12. Juni 2027, 20:00 Uhr");
        assert_eq!(en.short_date(time), ["Sat", "12", "Jun"]);
        assert_eq!(en.clock(Timestamp::from_millis(1_700_000_000_123)), "22:13 UTC");
    }

    #[test]
    fn how_far_away_an_event_is_counts_days_of_its_place() {
        let at = |text: &str| text.parse::<LocalTime>().unwrap();
        let now = at("2027-06-12T23:30:00+02:00").instant();
        for (time, words) in [
            ("2027-06-12T23:30:00+02:00", "over"),
            ("2027-06-12T23:45:00+02:00", "today"),
            ("2027-06-13T00:15:00+02:00", "tomorrow"),
            ("2027-06-20T20:00:00+02:00", "in 8 days"),
            ("2027-07-10T20:00:00+02:00", "in 4 weeks"),
            ("2027-12-10T20:00:00+02:00", "in 6 months"),
        ] {
            assert_eq!(language("en").away(at(time), now), words);
        }
    }

    #[test]
    fn the_time_left_is_shown_in_its_two_largest_units() {
        for (seconds, text) in [
            (0, "0 s"),
            (59, "59 s"),
            (60, "1 min 0 s"),
            (872, "14 min 32 s"),
            (3599, "59 min 59 s"),
            (3600, "1 h 0 min"),
            (90_061, "25 h 1 min"),
        ] {
            assert_eq!(language("en").time_left(Duration::from_secs(seconds)), text);
        }
    }
}
