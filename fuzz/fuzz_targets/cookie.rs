//! The header `Cookie`, and what the session cookies hold: nobody is signed in who has not the key.
#![no_main]

use std::sync::LazyLock;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use common::auth::Sessions;
use libfuzzer_sys::fuzz_target;

static SESSIONS: LazyLock<Sessions> = LazyLock::new(fuzz::sessions);

fuzz_target!(|bytes: &[u8]| {
    let held = STANDARD.encode(bytes);
    let held = format!("__Host-session={held}; session={held}");
    let token = fuzz::request_with(&String::from_utf8_lossy(bytes));
    let requests = [fuzz::request(bytes), fuzz::request(held.as_bytes()), token];
    for headers in requests.iter().flatten() {
        assert!(SESSIONS.current(headers).is_none());
    }
});
