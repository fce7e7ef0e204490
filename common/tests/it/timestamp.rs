use common::timestamp::Timestamp;

#[test]
fn an_instant_always_has_three_decimals_and_a_z() {
    assert_eq!(serde_json::to_string(&Timestamp::from_millis(0)).unwrap(), r#""1970-01-01T00:00:00.000Z""#);
}

#[test]
fn an_instant_with_an_offset_is_the_same_instant() {
    let time: Timestamp = serde_json::from_str(r#""2026-01-01T01:00:00.120+01:00""#).unwrap();
    assert_eq!(time.to_string(), "2026-01-01T00:00:00.120Z");
}
