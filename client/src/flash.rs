//! What an answer leaves for the page that it leads to, in a cookie. Only our own answers set cookies, so no link can make a page
//! say something, and a page that is loaded again does not post anything again.

use std::time::Duration;

use axum::http::{HeaderMap, HeaderValue, header};
use common::cookies::cookies;
use percent_encoding::{NON_ALPHANUMERIC, percent_decode_str, utf8_percent_encode};
use serde::Serialize;
use serde::de::DeserializeOwned;

/// Browsers keep 4 KiB of a cookie.
const MOST_BYTES: usize = 3500;

/// A cookie for the pages at and below one path, for a short time.
#[derive(Clone, Copy)]
pub struct Flash {
    /// The cookie's name.
    pub name: &'static str,
    /// How long it is kept.
    pub lasts: Duration,
}

impl Flash {
    /// Leaves a value for the pages at `path`. One that is too long for a cookie is not left.
    pub fn leave(self, path: &str, is_secure: bool, value: &impl Serialize) -> HeaderMap {
        let value = serde_json::to_string(value).unwrap_or_default();
        let value = utf8_percent_encode(&value, NON_ALPHANUMERIC).to_string();
        if value.len() > MOST_BYTES {
            tracing::warn!(
                name = self.name,
                bytes = value.len(),
                "a message for the next page is too long for a cookie"
            );
            return HeaderMap::new();
        }
        self.cookie(&value, path, is_secure, self.lasts)
    }

    /// Takes the value away.
    pub fn end(self, path: &str, is_secure: bool) -> HeaderMap {
        self.cookie("", path, is_secure, Duration::ZERO)
    }

    /// What was left, by the headers of a request.
    pub fn read<T: DeserializeOwned>(self, headers: &HeaderMap) -> Option<T> {
        let (_, value) = cookies(headers).find(|(name, _)| *name == self.name)?;
        serde_json::from_str(&percent_decode_str(value).decode_utf8().ok()?).ok()
    }

    fn cookie(self, value: &str, path: &str, is_secure: bool, lasts: Duration) -> HeaderMap {
        let secure = if is_secure { "; secure" } else { "" };
        let age = lasts.as_secs();
        let cookie = format!("{}={value}; path={path}; max-age={age}; httponly; samesite=lax{secure}", self.name);
        HeaderValue::try_from(cookie).map(|cookie| (header::SET_COOKIE, cookie)).into_iter().collect()
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use axum::http::{HeaderMap, HeaderValue, header};

    use super::Flash;

    const NOTE: Flash = Flash { name: "note", lasts: Duration::from_secs(60) };

    #[test]
    fn what_was_left_is_read_from_the_cookies_that_come_back() {
        let text = "Déclined; \"100 %\", a=b".to_owned();
        let left = NOTE.leave("/orders/1", true, &text);
        let cookie = left[header::SET_COOKIE].to_str().unwrap();
        assert!(cookie.ends_with("; path=/orders/1; max-age=60; httponly; samesite=lax; secure"), "{cookie}");
        let sent = format!("session=a; {}", cookie.split(';').next().unwrap());
        let back = HeaderMap::from_iter([(header::COOKIE, HeaderValue::try_from(sent).unwrap())]);
        assert_eq!(NOTE.read::<String>(&back), Some(text));
    }

    #[test]
    fn what_is_no_such_value_is_not_there() {
        for cookies in ["", "note=", "note=%", "note=%22a", "my-note=1", "note=a"] {
            let headers = HeaderMap::from_iter([(header::COOKIE, HeaderValue::from_static(cookies))]);
            assert_eq!(NOTE.read::<String>(&headers), None, "{cookies}");
        }
        assert!(NOTE.end("/", false)[header::SET_COOKIE].to_str().unwrap().starts_with("note=; path=/; max-age=0;"));
        assert!(NOTE.leave("/", false, &"a".repeat(4000)).is_empty());
    }
}
