//! An e-mail address that is one.

use email_address::{EmailAddress, Options};
use serde_json::Value;

/// A valid address in lower case.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Email(String);

impl Email {
    /// The address that a request gives.
    pub fn parse(value: &Value) -> Result<Self, &'static str> {
        let options = Options::default().with_required_tld().without_display_text().without_domain_literal();
        let text = value.as_str().unwrap_or_default().trim();
        EmailAddress::parse_with_options(text, options)
            .map(|_| Self(text.to_lowercase()))
            .map_err(|_| "Email must be valid")
    }

    /// The address.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

#[cfg(test)]
mod tests {
    use super::Email;
    use serde_json::{Value, json};

    #[test]
    fn an_address_is_kept_in_lower_case_and_without_the_space_around_it() {
        assert_eq!(Email::parse(&json!(" Ann.Lee+x@Example.COM ")).unwrap().as_str(), "ann.lee+x@example.com");
    }

    #[test]
    fn what_is_no_address_is_refused() {
        for value in [
            json!(""),
            json!("ann"),
            json!("ann@"),
            json!("@x.com"),
            json!("a b@x.com"),
            json!("ann@localhost"),
            json!("Ann <ann@x.com>"),
            json!(7),
            Value::Null,
        ] {
            assert_eq!(Email::parse(&value), Err("Email must be valid"), "{value}");
        }
    }
}
