use common::money::Money;
use serde_json::{Value, json};

#[test]
fn a_price_is_a_number_or_a_numeric_string() {
    for (value, cents) in [
        (json!(20), 2000),
        (json!(12.5), 1250),
        (json!(0.01), 1),
        (json!(1e2), 10_000),
        (json!("12.50"), 1250),
        (json!("12.500"), 1250),
        (json!(" 7 "), 700),
        (json!(".5"), 50),
        (json!("5."), 500),
        (json!("000000020"), 2000),
        (json!(999_999.99), 99_999_999),
        (json!(1.1), 110),
        (json!(4.35), 435),
    ] {
        assert_eq!(Money::parse_price(&value), Ok(Money::from_cents(cents)), "{value}");
    }
}

#[test]
fn what_is_no_positive_number_is_refused() {
    for value in [
        json!(0),
        json!(-1),
        json!("-5"),
        json!("0.00"),
        json!("abc"),
        json!(""),
        json!("."),
        json!("1e3"),
        json!("1,5"),
        json!("٣"),
        Value::Null,
        json!([1]),
        json!(true),
    ] {
        assert_eq!(Money::parse_price(&value), Err("Price must be greater than 0"), "{value}");
    }
}

#[test]
fn a_fraction_of_a_cent_is_refused() {
    for value in [json!(1.005), json!("0.001"), json!(1e-7)] {
        assert_eq!(Money::parse_price(&value), Err("Price must have at most two decimals"), "{value}");
    }
}

#[test]
fn more_than_six_digits_of_dollars_are_refused() {
    for value in [json!(1_000_000), json!("1000000"), json!(1e300), json!(u64::MAX), json!("9".repeat(1000))] {
        assert_eq!(Money::parse_price(&value), Err("Price must be at most 999999.99"), "{value}");
    }
}

#[test]
fn money_is_written_as_javascript_would() {
    for (cents, json) in [(2000, "20"), (1250, "12.5"), (1999, "19.99"), (1, "0.01"), (99_999_999, "999999.99")] {
        assert_eq!(serde_json::to_string(&Money::from_cents(cents)).unwrap(), json);
        assert_eq!(serde_json::from_str::<Money>(json).unwrap(), Money::from_cents(cents));
    }
}

#[test]
fn a_stored_price_with_more_decimals_is_rounded() {
    assert_eq!(serde_json::from_str::<Money>("10.999").unwrap(), Money::from_cents(1100));
}

#[test]
fn money_is_shown_with_its_sign() {
    assert_eq!(Money::from_cents(1250).to_string(), "$12.50");
    assert_eq!(Money::from_cents(5).to_string(), "$0.05");
}
