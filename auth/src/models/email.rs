//! E-mail addresses.

use email_address::{EmailAddress, Options};
use serde_json::Value;
use utoipa::ToSchema;

/// A valid address in lower case.
#[derive(Clone, Debug, PartialEq, Eq, ToSchema)]
#[schema(format = Email)]
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
