use std::time::Duration;

use common::config::Secret;
use common::timestamp::Timestamp;
use payments::provider::Signature;

use crate::stripe_double::sign;

const SECRET: &str = "whsec_of_the_tests";

fn signature(secret: &str) -> Signature {
    let secret: Secret = secret.parse().unwrap();
    Signature::new(&secret).unwrap()
}

fn now() -> Timestamp {
    Timestamp::from_millis(1_700_000_000_000)
}

#[test]
fn a_body_that_stripe_signed_is_taken() {
    // Computed with `printf '1700000000.{"id":"evt_1"}' | openssl dgst -sha256 -hmac whsec_of_the_tests`.
    let header = "t=1700000000,v1=11c7ea6f1eb0e540c365e292d095a8b1356740f40c1be64e0c818f9108f6b90f,v0=6ffbb59b2300aae63f272406069a9788598b792a944a07aba816edb039989a39";
    assert!(signature(SECRET).verifies(header, br#"{"id":"evt_1"}"#, now()));
}

#[test]
fn one_good_signature_of_two_is_enough_while_the_secret_is_changed() {
    let (old, new) = (sign("whsec_before", b"{}", now()), sign(SECRET, b"{}", now()));
    let header = format!("{old},{}", new.split_once(',').unwrap().1);
    assert!(signature(SECRET).verifies(&header, b"{}", now()));
    assert!(signature("whsec_before").verifies(&header, b"{}", now()));
    assert!(!signature("whsec_other").verifies(&header, b"{}", now()));
}

#[test]
fn another_body_another_time_and_another_secret_are_not_taken() {
    let header = sign(SECRET, b"{}", now());
    assert!(signature(SECRET).verifies(&header, b"{}", now()));
    assert!(!signature(SECRET).verifies(&header, b"{ }", now()));
    assert!(!signature(SECRET).verifies(&header.replace("t=1700000000", "t=1700000001"), b"{}", now()));
    assert!(!signature("whsec_other").verifies(&header, b"{}", now()));
}

#[test]
fn five_minutes_before_and_after_are_the_limit() {
    let header = sign(SECRET, b"{}", now());
    let seconds = Duration::from_secs;
    let early = |by: Duration| Timestamp::from_millis(now().millis() - by.as_millis() as i64);
    assert!(signature(SECRET).verifies(&header, b"{}", now().after(seconds(300))));
    assert!(!signature(SECRET).verifies(&header, b"{}", now().after(seconds(301))));
    assert!(signature(SECRET).verifies(&header, b"{}", early(seconds(300))));
    assert!(!signature(SECRET).verifies(&header, b"{}", early(seconds(301))));
}

#[test]
fn whatever_else_a_header_says_is_no_signature() {
    let good = sign(SECRET, b"{}", now());
    let (time, value) = good.split_once(',').unwrap();
    for header in
        ["", "t", "t=", "t=,v1=", "t=now,v1=00", time, value, "t=1700000000,v1=zz", "t=9223372036854775807,v1=00"]
    {
        assert!(!signature(SECRET).verifies(header, b"{}", now()), "{header}");
    }
    assert!(!signature(SECRET).verifies(&good.replace("v1=", "v0="), b"{}", now()));
    assert!(!signature(SECRET).verifies(&good[..good.len() - 2], b"{}", now()));
}
