//! What the targets share.

use base64::Engine;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use common::auth::{Ended, Sessions};
use common::config::SessionConfig;
use hmac::{Hmac, KeyInit, Mac};
use http::header::COOKIE;
use http::{HeaderMap, HeaderValue};
use sha2::Sha256;

/// The key of the sessions. No input contains what it signs.
const KEY: &str = "a key that only this fuzzer has, of more than 32 bytes";

/// Reads sessions that [`signed`] and nobody else has signed.
pub fn sessions() -> Sessions {
    Sessions::new(&SessionConfig { jwt_key: KEY.parse().expect("a key") }, Ended::default())
}

/// A request with this header `Cookie`; nothing for bytes that no header can have.
pub fn request(cookie: &[u8]) -> Option<HeaderMap> {
    Some(HeaderMap::from_iter([(COOKIE, HeaderValue::from_bytes(cookie).ok()?)]))
}

/// A request whose session cookie holds this token.
pub fn request_with(jwt: &str) -> Option<HeaderMap> {
    let value = STANDARD.encode(serde_json::json!({"jwt": jwt}).to_string());
    request(format!("session={value}").as_bytes())
}

/// A token that is signed with the key, whatever it claims.
pub fn signed(claims: &[u8]) -> String {
    let head = URL_SAFE_NO_PAD.encode(r#"{"alg":"HS256","typ":"JWT"}"#);
    let signed = format!("{head}.{}", URL_SAFE_NO_PAD.encode(claims));
    let signature = URL_SAFE_NO_PAD.encode(hmac(KEY.as_bytes(), signed.as_bytes()));
    format!("{signed}.{signature}")
}

/// HMAC-SHA256.
pub fn hmac(key: &[u8], text: &[u8]) -> Vec<u8> {
    let mut hmac = Hmac::<Sha256>::new_from_slice(key).expect("a key of any length");
    hmac.update(text);
    hmac.finalize().into_bytes().to_vec()
}
