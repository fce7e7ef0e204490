use common::telemetry::{parent, traceparent};
use opentelemetry::Context;
use opentelemetry::trace::TraceContextExt;

const TRACE: &str = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01";

#[test]
fn what_is_done_for_a_caller_belongs_to_its_trace() {
    let _caller = parent(TRACE).attach();
    assert_eq!(traceparent(), TRACE);
}

#[test]
fn a_malformed_trace_is_none() {
    for text in [
        "",
        "00",
        "00-0-0-0",
        "00-00000000000000000000000000000000-b7ad6b7169203331-01",
        "00-éaf7651916cd43dd8448eb211c80319-b7ad6b7169203331-01",
        "ff-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01",
    ] {
        let _nobody = parent(text).attach();
        assert_eq!(traceparent(), "", "{text:?}");
    }
    assert!(!Context::current().has_active_span());
}
