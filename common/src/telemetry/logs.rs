//! Log lines, each with the ids of the span that it was written in.

use std::fmt;

use opentelemetry::Context;
use opentelemetry::trace::TraceContextExt;
use tracing::{Event, Subscriber};
use tracing_subscriber::EnvFilter;
use tracing_subscriber::fmt::format::{Format, JsonFields, Writer};
use tracing_subscriber::fmt::{FmtContext, FormatEvent, FormatFields};
use tracing_subscriber::registry::LookupSpan;

use crate::config::{LogFormat, ProcessConfig};
use crate::error::StartError;

/// Starts logging. A second call in the same process changes nothing.
pub fn start_logging(config: &ProcessConfig) -> Result<(), StartError> {
    let filter =
        EnvFilter::builder().parse(&config.log_level).map_err(|error| StartError::configuration("LOG_LEVEL", error))?;
    let lines = tracing_subscriber::fmt().with_env_filter(filter).with_writer(std::io::stderr).with_ansi(false);
    let started = match config.log_format {
        LogFormat::Text => lines.event_format(WithIds { lines: Format::default(), is_json: false }).try_init(),
        LogFormat::Json => {
            let lines = lines.fmt_fields(JsonFields::new());
            lines.event_format(WithIds { lines: Format::default().json(), is_json: true }).try_init()
        }
    };
    if started.is_err() {
        tracing::debug!("logging had already been started");
    }
    Ok(())
}

/// Lines with `trace_id` and `span_id`, where there is a span.
struct WithIds<F> {
    lines: F,
    is_json: bool,
}

impl<S, N, F> FormatEvent<S, N> for WithIds<F>
where
    S: Subscriber + for<'a> LookupSpan<'a>,
    N: for<'a> FormatFields<'a> + 'static,
    F: FormatEvent<S, N>,
{
    fn format_event(&self, context: &FmtContext<'_, S, N>, mut writer: Writer<'_>, event: &Event<'_>) -> fmt::Result {
        let ids = Context::map_current(|current| {
            let span = current.span().span_context().clone();
            span.is_valid().then(|| (span.trace_id(), span.span_id()))
        });
        let Some((trace_id, span_id)) = ids else {
            return self.lines.format_event(context, writer, event);
        };
        let mut line = String::new();
        self.lines.format_event(context, Writer::new(&mut line), event)?;
        if self.is_json {
            // Of one object, after its first brace.
            let rest = line.strip_prefix('{').unwrap_or(&line);
            write!(writer, r#"{{"trace_id":"{trace_id}","span_id":"{span_id}",{rest}"#)
        } else {
            writeln!(writer, "{} trace_id={trace_id} span_id={span_id}", line.trim_end())
        }
    }
}
