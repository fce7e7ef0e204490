//! What a visitor looks for, as it stands in the address of the page.

use chrono::NaiveDate;
use serde::Deserialize;

use crate::next::encoded;

/// What is looked for. An empty text stands for nothing.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(default)]
pub struct Filters {
    /// Words of title, venue and city.
    pub q: String,
    /// The city alone.
    pub city: String,
    /// The least and the highest price.
    pub min: String,
    pub max: String,
    /// The first and the last day.
    pub from: String,
    pub to: String,
}

/// Where the tickets service lists events.
pub const EVENTS: &str = "/api/tickets/events";

/// One of the things by which events are narrowed down. What is one to a visitor may be two in the address.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[allow(missing_docs, reason = "the names say it")]
pub enum Filter {
    Words,
    City,
    Price,
    Dates,
}

impl Filter {
    /// In the order in which dropping one is proposed.
    pub const ALL: [Self; 4] = [Self::Dates, Self::Price, Self::City, Self::Words];
}

impl Filters {
    /// Without blanks around.
    pub fn tidied(self) -> Self {
        let tidy = |text: String| text.trim().to_owned();
        // Some write the decimals of an amount behind a comma.
        let amount = |text: String| tidy(text).replace(',', ".");
        let Self { q, city, min, max, from, to } = self;
        Self { q: tidy(q), city: tidy(city), min: amount(min), max: amount(max), from: tidy(from), to: tidy(to) }
    }

    /// Those that are set.
    pub fn active(&self) -> Vec<Filter> {
        Filter::ALL.into_iter().filter(|filter| *self != self.without(*filter)).collect()
    }

    /// The same without one of them.
    pub fn without(&self, filter: Filter) -> Self {
        let mut others = self.clone();
        let dropped = match filter {
            Filter::Words => vec![&mut others.q],
            Filter::City => vec![&mut others.city],
            Filter::Price => vec![&mut others.min, &mut others.max],
            Filter::Dates => vec![&mut others.from, &mut others.to],
        };
        dropped.into_iter().for_each(String::clear);
        others
    }

    /// The same in another city, or in all of them.
    pub fn in_city(&self, city: &str) -> Self {
        Self { city: city.to_owned(), ..self.clone() }
    }

    /// The same on other days.
    pub fn on_days(&self, from: NaiveDate, to: NaiveDate) -> Self {
        Self { from: from.to_string(), to: to.to_string(), ..self.clone() }
    }

    /// The address of the page, of its first part.
    pub fn path(&self) -> String {
        address("/", &self.pairs())
    }

    /// The address of the part after this entry.
    pub fn path_after(&self, after: &str) -> String {
        let mut pairs = self.pairs();
        pairs.push(("after", after));
        address("/", &pairs)
    }

    /// The address of the tickets service's answer to it.
    pub fn call(&self, path: &str, limit: Option<usize>, after: Option<&str>) -> String {
        let limit = limit.map(|limit| limit.to_string());
        let mut pairs = self.pairs();
        pairs.extend(limit.as_deref().map(|limit| ("limit", limit)));
        pairs.extend(after.map(|after| ("after", after)));
        address(path, &pairs)
    }

    fn pairs(&self) -> Vec<(&'static str, &str)> {
        let all = [
            ("q", &self.q),
            ("city", &self.city),
            ("min", &self.min),
            ("max", &self.max),
            ("from", &self.from),
            ("to", &self.to),
        ];
        all.into_iter().filter(|(_, value)| !value.is_empty()).map(|(name, value)| (name, value.as_str())).collect()
    }
}

fn address(path: &str, pairs: &[(&'static str, &str)]) -> String {
    let query: Vec<String> = pairs.iter().map(|(name, value)| format!("{name}={}", encoded(value))).collect();
    if query.is_empty() { path.to_owned() } else { format!("{path}?{}", query.join("&")) }
}

#[cfg(test)]
mod tests {
    use super::{Filter, Filters};

    fn filters() -> Filters {
        let text = str::to_owned;
        let filters = Filters {
            q: text(" Tosca & co "),
            city: text("München"),
            min: text("12,50"),
            max: String::new(),
            from: text("2027-06-12"),
            to: text("2027-06-13"),
        };
        filters.tidied()
    }

    #[test]
    fn the_address_alone_says_what_is_looked_for() {
        assert_eq!(filters().path(), "/?q=Tosca%20%26%20co&city=M%C3%BCnchen&min=12.50&from=2027-06-12&to=2027-06-13");
        assert_eq!(Filters::default().path(), "/");
        assert_eq!(Filters::default().path_after("1_a"), "/?after=1_a");
    }

    #[test]
    fn the_service_is_asked_for_the_same() {
        let filters = filters().without(Filter::Words).without(Filter::City).without(Filter::Price);
        let call = filters.call("/api/tickets/events", Some(24), Some("1_a"));
        assert_eq!(call, "/api/tickets/events?from=2027-06-12&to=2027-06-13&limit=24&after=1_a");
    }

    #[test]
    fn each_filter_can_be_dropped_alone() {
        assert_eq!(filters().active(), [Filter::Dates, Filter::Price, Filter::City, Filter::Words]);
        assert_eq!(filters().without(Filter::Dates).active(), [Filter::Price, Filter::City, Filter::Words]);
        assert!(Filters::default().active().is_empty());
    }
}
