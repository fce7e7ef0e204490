//! What is looked for at the moment, each part to be dropped by a press.

use chrono::NaiveDate;
use leptos::prelude::*;

use super::filters::{Filter, Filters};
use crate::icons::{Icon, Shape};
use crate::language::{Language, t};

/// A filter in words: `“Tosca”`, `Berlin`, `up to $50`.
pub fn words(filters: &Filters, filter: Filter, language: Language) -> String {
    match filter {
        Filter::Words => t!(language, "find-words", words = filters.q.as_str()),
        Filter::City => filters.city.clone(),
        Filter::Price => match (filters.min.as_str(), filters.max.as_str()) {
            (min, "") => t!(language, "find-price-from", min = dollars(min, language)),
            ("", max) => t!(language, "find-price-to", max = dollars(max, language)),
            (min, max) => t!(language, "find-price", min = dollars(min, language), max = dollars(max, language)),
        },
        Filter::Dates => match (day(&filters.from, language), day(&filters.to, language)) {
            (from, to) if from == to => from,
            (from, to) if to.is_empty() => t!(language, "find-days-from", from = from),
            (from, to) if from.is_empty() => t!(language, "find-days-to", to = to),
            (from, to) => t!(language, "find-days-both", from = from, to = to),
        },
    }
}

fn dollars(amount: &str, language: Language) -> String {
    t!(language, "money", amount = amount.replace('.', &t!(language, "decimal-mark")))
}

/// `12 Jun`, or as it was entered.
fn day(text: &str, language: Language) -> String {
    use chrono::Datelike;
    let Ok(date) = text.parse::<NaiveDate>() else { return text.to_owned() };
    t!(language, "find-day", day = date.day(), month = t!(language, "month-short", month = date.month()))
}

/// A chip for each filter; it leads to the same search without it.
pub fn chips(filters: &Filters, language: Language) -> Option<impl IntoView + use<>> {
    let active = filters.active();
    let chips = active.iter().rev().map(|filter| {
        let words = words(filters, *filter, language);
        let label = t!(language, "find-drop", filter = words.as_str());
        view! {
            <li>
                <a class="chip" href=filters.without(*filter).path() aria-label=label>
                    {words}
                    <Icon shape=Shape::CROSS />
                </a>
            </li>
        }
    });
    let chips = chips.collect_view();
    let all = (active.len() > 1)
        .then(|| view! { <li><a class="chip plain" href="/">{t!(language, "find-drop-all")}</a></li> });
    (!active.is_empty()).then(|| view! { <ul class="chips" aria-label=t!(language, "find-active")>{chips} {all}</ul> })
}

#[cfg(test)]
mod tests {
    use super::words;
    use crate::find::filters::{Filter, Filters};
    use crate::language::Language;

    #[test]
    fn a_filter_is_named_in_words() {
        let text = str::to_owned;
        let filters = Filters {
            q: text("Tosca"),
            min: text("10"),
            max: text("12.50"),
            from: text("2027-06-12"),
            to: text("2027-06-13"),
            ..Filters::default()
        };
        let name = |filters: &Filters, filter| words(filters, filter, Language::default());
        assert_eq!(name(&filters, Filter::Words), "“Tosca”");
        assert_eq!(name(&filters, Filter::Price), "$10 to $12.50");
        assert_eq!(name(&filters, Filter::Dates), "12 Jun to 13 Jun");
        let half = Filters { min: String::new(), from: String::new(), ..filters.clone() };
        assert_eq!(name(&half, Filter::Price), "up to $12.50");
        assert_eq!(name(&half, Filter::Dates), "until 13 Jun");
        let day = Filters { to: filters.from.clone(), ..filters };
        assert_eq!(name(&day, Filter::Dates), "12 Jun");
    }
}
