//! The signature of Stripe's webhooks.

use std::fmt;
use std::time::Duration;

use common::config::Secret;
use common::timestamp::Timestamp;
use hmac::{Hmac, KeyInit, Mac};
use sha2::Sha256;

/// How far the time of a signature may be from ours: Stripe's own libraries allow as much.
const TOLERANCE: Duration = Duration::from_secs(300);

/// Checks the header `Stripe-Signature: t=<seconds>,v1=<hex>[,v1=<hex>]`: HMAC-SHA256 of `<seconds>.<body>`. While the secret is
/// being changed there are two.
#[derive(Clone)]
pub struct Signature(Hmac<Sha256>);

impl fmt::Debug for Signature {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Signature")
    }
}

impl Signature {
    /// Of this secret (`whsec_…`).
    pub fn new(secret: &Secret) -> Option<Self> {
        Hmac::new_from_slice(secret.expose().as_bytes()).ok().map(Self)
    }

    /// Whether the body was signed with the secret, not long ago and not in the future. The comparison takes the same time for every
    /// wrong signature.
    pub fn verifies(&self, header: &str, body: &[u8], now: Timestamp) -> bool {
        let fields = || header.split(',').filter_map(|field| field.trim().split_once('='));
        let Some((_, seconds)) = fields().find(|(name, _)| *name == "t") else {
            return false;
        };
        let Some(at) = seconds.parse().ok().and_then(|seconds: i64| seconds.checked_mul(1000)) else {
            return false;
        };
        let mut signed = self.0.clone();
        signed.update(seconds.as_bytes());
        signed.update(b".");
        signed.update(body);
        let is_ours = |hex: &str| bytes(hex).is_some_and(|bytes| signed.clone().verify_slice(&bytes).is_ok());
        now.millis().abs_diff(at) <= TOLERANCE.as_millis() as u64
            && fields().any(|(name, value)| name == "v1" && is_ours(value))
    }
}

fn bytes(hex: &str) -> Option<Vec<u8>> {
    hex::decode(hex).ok()
}
