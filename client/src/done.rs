//! The line with which a page confirms what was just done. The answer to a form leaves it for the page that it leads to, in a cookie.

use std::time::Duration;

use axum::http::HeaderMap;
use leptos::prelude::*;
use serde::{Deserialize, Serialize};

use crate::card::{Notice, Tone};
use crate::flash::Flash;
use crate::language::{Language, t};

/// For whichever page comes next. Shown once.
const DONE: Flash = Flash { name: "done", lasts: Duration::from_secs(60) };

/// What was done.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Done {
    /// The session of this device was ended by its owner.
    SignedOut,
    /// The session was over already when it was used.
    SessionOver,
    /// A listing says something else now.
    ListingSaved,
    /// A listing is not on sale any more.
    ListingWithdrawn,
    /// A new password, and every other session is over.
    PasswordChanged,
    /// A new password by a link, and every session is over.
    PasswordReset,
    /// One session of another device is over.
    DeviceSignedOut,
    /// Every session but this one is over.
    OthersSignedOut,
    /// A mail is on its way, unless the address is proven already.
    ProofSent,
    /// The address is proven.
    AddressProven,
    /// The account is gone.
    AccountDeleted,
}

impl Done {
    /// Leaves it for the next page.
    pub fn leave(self, is_secure: bool) -> HeaderMap {
        DONE.leave("/", is_secure, &self)
    }

    /// Takes it away.
    pub fn end(is_secure: bool) -> HeaderMap {
        DONE.end("/", is_secure)
    }

    /// What was left, by the headers of a request.
    pub fn read(headers: &HeaderMap) -> Option<Self> {
        DONE.read(headers)
    }

    /// The line.
    pub fn view(self, language: Language) -> AnyView {
        let (tone, words) = match self {
            Self::SignedOut => (Tone::Good, t!(language, "done-signed-out")),
            Self::SessionOver => (Tone::Warn, t!(language, "done-session-over")),
            Self::ListingSaved => (Tone::Good, t!(language, "done-listing-saved")),
            Self::ListingWithdrawn => (Tone::Good, t!(language, "done-listing-withdrawn")),
            Self::PasswordChanged => (Tone::Good, t!(language, "done-password-changed")),
            Self::PasswordReset => (Tone::Good, t!(language, "done-password-reset")),
            Self::DeviceSignedOut => (Tone::Good, t!(language, "done-device-signed-out")),
            Self::OthersSignedOut => (Tone::Good, t!(language, "done-others-signed-out")),
            Self::ProofSent => (Tone::Good, t!(language, "done-proof-sent")),
            Self::AddressProven => (Tone::Good, t!(language, "done-address-proven")),
            Self::AccountDeleted => (Tone::Good, t!(language, "done-account-deleted")),
        };
        view! { <div id="done" role="status"><Notice tone><p>{words}</p></Notice></div> }.into_any()
    }
}

#[cfg(test)]
mod tests {
    use axum::http::{HeaderMap, HeaderValue, header};

    use super::Done;

    #[test]
    fn what_was_done_is_a_word_in_a_cookie() {
        let left = Done::SignedOut.leave(false);
        let cookie = left[header::SET_COOKIE].to_str().unwrap();
        assert_eq!(cookie, "done=%22signed%2Dout%22; path=/; max-age=60; httponly; samesite=lax");
        for (cookies, read) in
            [("a=b; done=%22signed%2Dout%22", Some(Done::SignedOut)), ("done=%22hello%22", None), ("", None)]
        {
            let headers = HeaderMap::from_iter([(header::COOKIE, HeaderValue::from_static(cookies))]);
            assert_eq!(Done::read(&headers), read, "{cookies}");
        }
    }
}
