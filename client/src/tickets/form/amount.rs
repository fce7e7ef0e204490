//! Amounts of money as people type them.

use common::money::Money;

use crate::language::{Language, t};

/// What was typed, as the services read it: `12,50` and `$1,234.50` become `12.50` and `1234.50`. What is no amount stays as it is,
/// for the service to refuse.
pub fn plain(typed: &str, language: Language) -> String {
    let digits: String = typed.chars().filter(|letter| !letter.is_whitespace() && !"$€'".contains(*letter)).collect();
    let is_mark = |letter: char| letter == '.' || letter == ',';
    let Some(last) = digits.rfind(is_mark) else { return digits };
    let (whole, decimals) = (&digits[..last], &digits[last + 1..]);
    // Three digits behind the only mark are thousands where the language writes thousands with that mark.
    let is_thousands =
        decimals.len() == 3 && (digits[last..].starts_with(&t!(language, "thousands-mark")) || whole.contains(is_mark));
    let whole = whole.replace(is_mark, "");
    if is_thousands { format!("{whole}{decimals}") } else { format!("{whole}.{decimals}") }
}

/// An amount for a field: `20`, `12.50`, with the decimal mark of the language.
pub fn typed(money: Money, language: Language) -> String {
    let (dollars, cents) = (money.cents() / 100, money.cents() % 100);
    match cents {
        0 => dollars.to_string(),
        _ => format!("{dollars}{}{cents:02}", t!(language, "decimal-mark")),
    }
}

#[cfg(test)]
mod tests {
    use axum::http::{HeaderMap, HeaderValue, header};
    use common::money::Money;

    use super::{plain, typed};
    use crate::language::Language;

    fn language(tag: &'static str) -> Language {
        Language::of(&HeaderMap::from_iter([(header::ACCEPT_LANGUAGE, HeaderValue::from_static(tag))]))
    }

    #[test]
    fn amounts_are_read_with_either_decimal_mark_and_with_marks_of_thousands() {
        let [en, de] = ["en", "de"].map(language);
        for (text, english, german) in [
            ("20", "20", "20"),
            ("12.50", "12.50", "12.50"),
            ("12,50", "12.50", "12.50"),
            ("12,5", "12.5", "12.5"),
            (" $1,234.50 ", "1234.50", "1234.50"),
            ("1.234,50 $", "1234.50", "1234.50"),
            ("1,234", "1234", "1.234"),
            ("1.234", "1.234", "1234"),
            ("1.234.567", "1234567", "1234567"),
            ("1 234", "1234", "1234"),
            ("", "", ""),
            ("-5 $", "-5", "-5"),
            ("free", "free", "free"),
        ] {
            assert_eq!((plain(text, en).as_str(), plain(text, de).as_str()), (english, german), "{text:?}");
        }
    }

    #[test]
    fn what_a_field_shows_is_read_back_as_the_same_amount() {
        for tag in ["en", "de"] {
            for cents in [1, 50, 100, 1250, 123_456, 99_999_999] {
                let text = typed(Money::from_cents(cents), language(tag));
                let read = Money::parse_price(&plain(&text, language(tag)).into());
                assert_eq!(read, Ok(Money::from_cents(cents)), "{text}");
            }
        }
    }
}
