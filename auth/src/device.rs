//! The cookie of a device that has signed in before, so that somebody else's failures do not lock it out.

use std::sync::Arc;

use axum::http::{HeaderMap, HeaderValue};
use common::caller::Caller;
use common::config::SessionConfig;
use common::cookies::cookies;
use common::error::ApiError;
use common::id::Id;
use hmac::{Hmac, KeyInit, Mac};
use sha2::Sha256;

const COOKIE_NAME: &str = "device";

/// How long a browser keeps the cookie after a sign-in: a year.
const MAX_AGE_SECONDS: u32 = 365 * 24 * 60 * 60;

/// How many accounts one device remembers: those that signed in last.
const ACCOUNTS: usize = 4;

/// How much of an HMAC-SHA256 the cookie carries.
const MAC_BYTES: usize = 16;

/// Marks and recognises devices. The mark says nothing to anybody else: a random id, and a keyed hash of it and the account.
#[derive(Clone)]
pub struct Devices(Arc<[Hmac<Sha256>]>);

/// What a device knows of one account, `id.mac` in the cookie.
struct Mark<'a> {
    id: Id,
    mac: &'a str,
}

impl Devices {
    /// With the keys of the sessions: the first marks, all recognise.
    pub fn new(config: &SessionConfig) -> Self {
        let keys = config.jwt_key.expose().split(',').map(str::trim).filter(|key| !key.is_empty());
        Self(keys.filter_map(|key| Hmac::new_from_slice(key.as_bytes()).ok()).collect())
    }

    /// The id of this device, if this account has signed in on it before.
    pub fn recognise(&self, headers: &HeaderMap, account: Id) -> Option<Id> {
        let is_ours = |mark: &Mark| {
            let mac = hex::decode(mark.mac).ok().filter(|mac| mac.len() == MAC_BYTES);
            mac.is_some_and(|mac| {
                self.0.iter().any(|key| signed(key, mark.id, account).verify_truncated_left(&mac).is_ok())
            })
        };
        marks(headers).find(is_ours).map(|mark| mark.id)
    }

    /// The `Set-Cookie` value of a device on which this account has just signed in. What it knows of others stays.
    pub fn mark(&self, headers: &HeaderMap, caller: Caller, account: Id) -> Result<HeaderValue, ApiError> {
        let known = self.recognise(headers, account);
        let id = known.unwrap_or_else(Id::generate);
        let key = self.0.first().ok_or_else(|| ApiError::internal("there is no key"))?;
        let mac = hex::encode(&signed(key, id, account).finalize().into_bytes()[..MAC_BYTES]);
        let others = marks(headers).filter(|mark| Some(mark.id) != known).take(ACCOUNTS - 1);
        let others: String = others.map(|mark| format!("-{}.{}", mark.id, mark.mac)).collect();
        // As with the session: over plain http (localhost) a Secure cookie would never come back.
        let secure = if caller.is_https { "; Secure" } else { "" };
        // The pages sign in too, so the path is not that of the API.
        let cookie = format!(
            "{COOKIE_NAME}={id}.{mac}{others}; Path=/; Max-Age={MAX_AGE_SECONDS}; HttpOnly; SameSite=Lax{secure}"
        );
        HeaderValue::try_from(cookie).map_err(ApiError::internal)
    }
}

/// The key is the sessions' too; no token begins like this.
fn signed(key: &Hmac<Sha256>, device: Id, account: Id) -> Hmac<Sha256> {
    key.clone().chain_update(format!("device\0{device}\0{account}"))
}

/// The marks in the cookies, whoever made them.
fn marks(headers: &HeaderMap) -> impl Iterator<Item = Mark<'_>> {
    cookies(headers)
        .filter(|(name, _)| *name == COOKIE_NAME)
        .flat_map(|(_, marks)| marks.split('-'))
        .filter_map(|mark| mark.split_once('.'))
        .filter(|(_, mac)| mac.len() == 2 * MAC_BYTES && mac.bytes().all(|byte| byte.is_ascii_hexdigit()))
        .filter_map(|(id, mac)| Some(Mark { id: id.parse().ok()?, mac }))
        .take(ACCOUNTS)
}
