//! W3C trace context: one trace id from the browser's request to the last event it causes.

use std::fmt;

use axum::http::HeaderMap;

/// The header, in requests and in messages.
pub const TRACEPARENT: &str = "traceparent";

tokio::task_local! {
    static CURRENT: TraceParent;
}

/// `00-<trace id>-<span id>-<flags>`, see the W3C recommendation "Trace Context".
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TraceParent {
    trace_id: u128,
    span_id: u64,
    flags: u8,
}

impl TraceParent {
    /// The trace that the current task works under, or a new one.
    pub fn current() -> Self {
        CURRENT.try_with(|trace| *trace).unwrap_or_else(|_| Self::start())
    }

    /// The trace of a request: the caller's, as a span of our own, or a new one.
    pub fn of_request(headers: &HeaderMap) -> Self {
        Self::of(headers.get(TRACEPARENT).and_then(|value| value.to_str().ok()))
    }

    /// The trace of a message, likewise.
    pub fn of(text: Option<&str>) -> Self {
        let parent = text.and_then(Self::parse).unwrap_or_else(Self::start);
        Self { span_id: rand::random_range(1..=u64::MAX), ..parent }
    }

    /// Runs a future under this trace.
    pub async fn scope<F: Future>(self, future: F) -> F::Output {
        CURRENT.scope(self, future).await
    }

    /// The 32 hex digits that all spans of the trace share.
    pub fn trace_id(&self) -> String {
        format!("{:032x}", self.trace_id)
    }

    fn start() -> Self {
        Self { trace_id: rand::random_range(1..=u128::MAX), span_id: rand::random_range(1..=u64::MAX), flags: 1 }
    }

    fn parse(text: &str) -> Option<Self> {
        let mut parts = text.trim().split('-');
        let mut hex = |digits: usize| {
            let part = parts.next().filter(|part| part.len() == digits)?;
            part.bytes().all(|byte| byte.is_ascii_hexdigit()).then_some(part)
        };
        let (version, trace_id, span_id, flags) = (hex(2)?, hex(32)?, hex(16)?, hex(2)?);
        let parsed = Self {
            trace_id: u128::from_str_radix(trace_id, 16).ok()?,
            span_id: u64::from_str_radix(span_id, 16).ok()?,
            flags: u8::from_str_radix(flags, 16).ok()?,
        };
        (version != "ff" && parsed.trace_id != 0 && parsed.span_id != 0).then_some(parsed)
    }
}

impl fmt::Display for TraceParent {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "00-{:032x}-{:016x}-{:02x}", self.trace_id, self.span_id, self.flags)
    }
}
