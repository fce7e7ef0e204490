//! The header `Stripe-Signature`, up to the first line feed, and the body behind it: nothing verifies but what the secret has signed,
//! for five minutes.
#![no_main]

use std::sync::LazyLock;

use common::timestamp::Timestamp;
use libfuzzer_sys::fuzz_target;
use payments::provider::Signature;

const SECRET: &str = "whsec_that_only_this_fuzzer_has";

/// The moment in which every webhook arrives.
const NOW: Timestamp = Timestamp::from_millis(1_700_000_000_000);

static SIGNATURE: LazyLock<Signature> = LazyLock::new(|| {
    let secret = SECRET.parse().expect("a secret");
    Signature::new(&secret).expect("a signature")
});

fuzz_target!(|bytes: &[u8]| {
    let (header, body) = bytes.split_at(bytes.iter().position(|byte| *byte == b'\n').unwrap_or(bytes.len()));
    let header = String::from_utf8_lossy(header);
    assert!(!SIGNATURE.verifies(&header, body, NOW));
    let seconds = NOW.millis() / 1000;
    let signed = fuzz::hmac(SECRET.as_bytes(), &[format!("{seconds}.").as_bytes(), body].concat());
    let rightly = format!("t={seconds},v1={},{header}", hex::encode(signed));
    assert!(SIGNATURE.verifies(&rightly, body, NOW));
    assert!(!SIGNATURE.verifies(&rightly, &[body, b"!"].concat(), NOW));
});
