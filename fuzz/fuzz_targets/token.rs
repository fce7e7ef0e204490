//! The claims of a token that is signed with the right key: an earlier version may have signed anything. A session that is accepted
//! has begun, and not more than seven days ago.
#![no_main]

use std::sync::LazyLock;

use common::auth::{SESSION_SECONDS, Sessions};
use common::timestamp::Timestamp;
use libfuzzer_sys::fuzz_target;

static SESSIONS: LazyLock<Sessions> = LazyLock::new(fuzz::sessions);

/// How far the clocks of two machines may differ.
const SKEW_SECONDS: i64 = 60;

fuzz_target!(|claims: &[u8]| {
    let now = Timestamp::now().millis() / 1000;
    // The fuzzer does not know the time.
    let claims = String::from_utf8_lossy(claims).replace("NOW", &now.to_string());
    let Some(headers) = fuzz::request_with(&fuzz::signed(claims.as_bytes())) else { return };
    if let Some(session) = SESSIONS.current(&headers) {
        let age = now - session.iat;
        assert!((-SKEW_SECONDS - 1..=SESSION_SECONDS).contains(&age), "{age}");
    }
});
