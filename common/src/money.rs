//! Prices in US dollars: whole cents inside, a JSON (and BSON) number of dollars outside.

use std::fmt;

use serde::{Deserialize, Deserializer, Serialize, Serializer};
use serde_json::Value;
use utoipa::ToSchema;
use utoipa::openapi::RefOr;
use utoipa::openapi::schema::{ObjectBuilder, OneOfBuilder, Schema, Type};

/// The highest price that can be asked: 999,999.99 dollars.
const MAX_CENTS: i64 = 99_999_999;

/// An amount of US dollars in whole cents.
///
/// Serialised it is a number of dollars, `20` or `12.5`, as the Node original stores and sends it. Read back from a stored
/// document or an event it is rounded to the nearest cent, because the original allowed any number; what a *person*
/// sends goes through [`Money::parse_price`] and is never rounded.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, ToSchema)]
#[schema(value_type = f64, description = "US dollars, to the cent.")]
pub struct Money(i64);

impl Money {
    /// This many cents.
    pub const fn from_cents(cents: i64) -> Self {
        Self(cents)
    }

    /// The amount in cents, the unit of the payment provider.
    pub const fn cents(self) -> i64 {
        self.0
    }

    /// A price as a request gives it: a JSON number, or a string such as `"12.50"`.
    ///
    /// # Errors
    /// The sentence for the person who sent it, when it is not a positive number, has more than two decimals or is above
    /// 999999.99.
    pub fn parse_price(value: &Value) -> Result<Self, &'static str> {
        const NOT_POSITIVE: &str = "Price must be greater than 0";
        let text = match value {
            Value::Number(number) => plain_decimal(number),
            Value::String(text) => text.trim().to_owned(),
            _ => return Err(NOT_POSITIVE),
        };
        let (dollars, decimals) = text.split_once('.').unwrap_or((&text, ""));
        let all_digits = |text: &str| text.bytes().all(|byte| byte.is_ascii_digit());
        if !all_digits(dollars) || !all_digits(decimals) || (dollars.is_empty() && decimals.is_empty()) {
            return Err(NOT_POSITIVE);
        }
        let decimals = decimals.trim_end_matches('0');
        if decimals.len() > 2 {
            return Err("Price must have at most two decimals");
        }
        let dollars = dollars.trim_start_matches('0');
        if dollars.len() > 6 {
            return Err("Price must be at most 999999.99");
        }
        let digits = format!("{dollars}{decimals:0<2}");
        match digits.parse() {
            Ok(cents @ 1..=MAX_CENTS) => Ok(Self(cents)),
            _ => Err(NOT_POSITIVE),
        }
    }
}

/// The schema of what [`Money::parse_price`] takes.
pub fn price_schema() -> RefOr<Schema> {
    let number = ObjectBuilder::new().schema_type(Type::Number).exclusive_minimum(Some(0)).maximum(Some(999_999.99));
    OneOfBuilder::new().item(number).item(ObjectBuilder::new().schema_type(Type::String)).into()
}

/// A JSON number without an exponent: `1e2` is `100`, `1e300` is 1 followed by 300 zeros.
fn plain_decimal(number: &serde_json::Number) -> String {
    match number.as_f64() {
        Some(float) if !number.is_i64() && !number.is_u64() => float.to_string(),
        _ => number.to_string(),
    }
}

impl fmt::Display for Money {
    /// `$12.50`
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let sign = if self.0 < 0 { "-" } else { "" };
        write!(f, "{sign}${}.{:02}", self.0.abs() / 100, self.0.abs() % 100)
    }
}

impl Serialize for Money {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match i32::try_from(self.0 / 100) {
            // As JavaScript does: a whole number of dollars is an integer, in JSON and in BSON.
            Ok(dollars) if self.0 % 100 == 0 => serializer.serialize_i32(dollars),
            _ => serializer.serialize_f64(self.0 as f64 / 100.0),
        }
    }
}

impl<'de> Deserialize<'de> for Money {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let dollars = f64::deserialize(deserializer)?;
        let cents = (dollars * 100.0).round();
        // Doubles hold every whole number up to 2^53 exactly; beyond that, and for NaN, there is no amount of cents.
        if cents.abs() <= 9_007_199_254_740_992.0 {
            Ok(Self(cents as i64))
        } else {
            Err(serde::de::Error::custom("a price is a number of dollars"))
        }
    }
}
