//! Days to choose by a press: this week, the weekend, this month, the next one.

use std::collections::HashSet;

use chrono::{Datelike, Days, Months, NaiveDate};

use crate::language::{Language, t};

/// Days that many look for.
pub struct Span {
    pub name: String,
    pub from: NaiveDate,
    pub to: NaiveDate,
}

/// The spans as they are today. A span that has begun goes on from today.
pub fn spans(language: Language, today: NaiveDate) -> Vec<Span> {
    let monday = today - Days::new(today.weekday().num_days_from_monday().into());
    let sunday = monday + Days::new(6);
    let (first, next) = (today.with_day(1).unwrap_or(today), Months::new(1));
    let next_month = first + next;
    let span = |name, from: NaiveDate, to: NaiveDate| Span { name, from: from.max(today), to };
    let mut spans = vec![
        span(t!(language, "find-today"), today, today),
        span(t!(language, "find-weekend"), sunday - Days::new(2), sunday),
        span(t!(language, "find-week"), monday, sunday),
        span(t!(language, "find-month"), first, next_month - Days::new(1)),
        span(t!(language, "find-next-month"), next_month, next_month + next - Days::new(1)),
    ];
    // On a Sunday the week is today.
    let mut seen = HashSet::new();
    spans.retain(|span| seen.insert((span.from, span.to)));
    spans
}

#[cfg(test)]
mod tests {
    use chrono::NaiveDate;

    use super::spans;
    use crate::language::Language;

    #[test]
    fn the_spans_follow_from_today() {
        let on = |day: &str| {
            let today: NaiveDate = day.parse().unwrap();
            let spans = spans(Language::default(), today);
            spans.into_iter().map(|span| format!("{} {}", span.from, span.to)).collect::<Vec<_>>()
        };
        // A Wednesday, and the Sunday after.
        assert_eq!(
            on("2027-06-09"),
            [
                "2027-06-09 2027-06-09",
                "2027-06-11 2027-06-13",
                "2027-06-09 2027-06-13",
                "2027-06-09 2027-06-30",
                "2027-07-01 2027-07-31"
            ]
        );
        let sunday = ["2027-06-13 2027-06-13", "2027-06-13 2027-06-30", "2027-07-01 2027-07-31"];
        assert_eq!(on("2027-06-13"), sunday);
        assert_eq!(on("2027-12-31")[2..], ["2028-01-01 2028-01-31"]);
    }
}
