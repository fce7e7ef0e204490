//! Where a visitor goes after signing in: a path of this site, never another site's.

use std::convert::Infallible;

use axum::extract::{FromRequestParts, Query};
use axum::http::Uri;
use axum::http::request::Parts;
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use serde::Deserialize;

/// What would end or change a query's value.
const RESERVED: &AsciiSet = &NON_ALPHANUMERIC.remove(b'/').remove(b'-').remove(b'_').remove(b'.').remove(b'~');

/// A text as the value of a query.
pub fn encoded(text: &str) -> String {
    utf8_percent_encode(text, RESERVED).to_string()
}

/// A path of this site with its query, such as `/orders?after=…`.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(from = "String")]
pub struct Next(String);

impl Next {
    /// The path when it is one of ours, else the landing page.
    ///
    /// `//host` and `/\host` name other sites to a browser, which also drops control characters before it looks.
    pub fn parse(path: &str) -> Self {
        let is_local = path.starts_with('/')
            && !path.starts_with("//")
            && path.bytes().all(|byte| byte.is_ascii_graphic() && byte != b'\\');
        if is_local { Self(path.to_owned()) } else { Self::default() }
    }

    /// The path, fit for a `Location`.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Where a visitor goes who signs in on this page: back to it, or to where its form leads anyway.
    pub fn after_signing_in(&self) -> Self {
        let path = self.0.split('?').next().unwrap_or_default();
        // What such a link has in it goes nowhere else.
        if ["/reset", "/verify"].contains(&path) {
            return Self::default();
        }
        if !path.starts_with("/auth/") {
            return self.clone();
        }
        self.0.parse().map(|uri| Self::of_query(&uri)).unwrap_or_default()
    }

    fn of_query(uri: &Uri) -> Self {
        #[derive(Deserialize)]
        struct Sent {
            next: Next,
        }
        Query::<Sent>::try_from_uri(uri).map(|Query(sent)| sent.next).unwrap_or_default()
    }

    /// The page at `path` (sign-in or sign-up) that leads on to here.
    pub fn after(&self, path: &str) -> String {
        if *self == Self::default() {
            return path.to_owned();
        }
        format!("{path}?next={}", encoded(&self.0))
    }
}

impl Default for Next {
    fn default() -> Self {
        Self("/".to_owned())
    }
}

impl From<String> for Next {
    fn from(path: String) -> Self {
        Self::parse(&path)
    }
}

/// `?next=<path>`; the landing page when it is missing.
impl<S: Send + Sync> FromRequestParts<S> for Next {
    type Rejection = Infallible;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Infallible> {
        Ok(Self::of_query(&parts.uri))
    }
}

#[cfg(test)]
mod tests {
    use super::Next;

    #[test]
    fn a_path_of_this_site_is_kept() {
        for path in [
            "/",
            "/orders",
            "/tickets/65a1b2c3d4e5f60718293a4b/edit",
            "/orders?after=65a1b2c3d4e5f60718293a4b",
            "/a//b",
        ] {
            assert_eq!(Next::parse(path).as_str(), path);
        }
    }

    #[test]
    fn what_a_browser_would_take_for_another_site_leads_home() {
        for path in [
            "",
            "orders",
            "//evil.example",
            "///evil.example",
            "/\\evil.example",
            "\\\\evil.example",
            "https://evil.example",
            "javascript:alert(1)",
            "/\t/evil.example",
            "/\n/evil.example",
            " /orders",
            "/a b",
            "/a\\b",
            "/a\r\nSet-Cookie: a=b",
            "/é",
            "/\u{0}",
            "/\u{7f}",
        ] {
            assert_eq!(Next::parse(path).as_str(), "/", "{path:?}");
        }
    }

    #[test]
    fn the_token_of_a_link_goes_nowhere_else() {
        for (here, next) in [("/reset?token=a", "/"), ("/verify?token=a", "/"), ("/resets?a=b", "/resets?a=b")] {
            assert_eq!(Next::parse(here).after_signing_in().as_str(), next);
        }
    }

    #[test]
    fn the_way_to_the_sign_in_page_remembers_where_it_leads() {
        assert_eq!(Next::parse("/").after("/auth/signin"), "/auth/signin");
        assert_eq!(
            Next::parse("/orders?after=1&b=%20").after("/auth/signin"),
            "/auth/signin?next=/orders%3Fafter%3D1%26b%3D%2520"
        );
    }
}
