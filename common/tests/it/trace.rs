use common::telemetry::TraceParent;

#[test]
fn a_request_goes_on_under_its_callers_trace() {
    let trace = TraceParent::of(Some("00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"));
    assert_eq!(trace.trace_id(), "0af7651916cd43dd8448eb211c80319c");
    assert!(trace.to_string().ends_with("-01"));
}

#[test]
fn a_malformed_trace_is_replaced_by_a_new_one() {
    for text in [
        "",
        "00",
        "00-0-0-0",
        "00-00000000000000000000000000000000-b7ad6b7169203331-01",
        "00-éaf7651916cd43dd8448eb211c80319-b7ad6b7169203331-01",
    ] {
        assert_ne!(TraceParent::of(Some(text)).trace_id(), "0".repeat(32), "{text:?}");
    }
}
