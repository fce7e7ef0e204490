//! Log lines, each with the request or event that it is about, and the ids of the span that it was written in.

use std::fmt;

use async_nats::Subject;
use axum::extract::MatchedPath;
use opentelemetry::Context;
use opentelemetry::trace::{TraceContextExt, TraceId};
use serde_json::Value;
use tokio::task_local;
use tracing::{Event, Subscriber};
use tracing_subscriber::EnvFilter;
use tracing_subscriber::fmt::format::{Format, JsonFields, Writer};
use tracing_subscriber::fmt::{FmtContext, FormatEvent, FormatFields};
use tracing_subscriber::registry::LookupSpan;

use crate::config::{LogFormat, ProcessConfig};
use crate::error::StartError;

task_local! {
    /// What the lines of a task are about. Most requests log nothing, and a span of `tracing` would be formatted for each of them.
    static ABOUT: About;
}

/// What is logged beside every line of a task.
pub(crate) enum About {
    /// A request, and the route that it has taken.
    Request { method: &'static str, route: Option<MatchedPath> },
    /// An event, and the trace in which it was published.
    Event { subject: Subject, cause: TraceId },
}

impl About {
    /// Does work whose lines are about this.
    pub async fn scope<F: Future>(self, work: F) -> F::Output {
        ABOUT.scope(self, work).await
    }

    fn fields(&self) -> [(&'static str, String); 2] {
        match self {
            Self::Request { method, route } => {
                let route = route.as_ref().map_or("", MatchedPath::as_str);
                [("method", (*method).to_owned()), ("route", route.to_owned())]
            }
            Self::Event { subject, cause } => [("subject", subject.to_string()), ("cause", cause.to_string())],
        }
    }
}

/// Starts logging. A second call in the same process changes nothing.
pub fn start_logging(config: &ProcessConfig) -> Result<(), StartError> {
    let filter =
        EnvFilter::builder().parse(&config.log_level).map_err(|error| StartError::configuration("LOG_LEVEL", error))?;
    let lines = tracing_subscriber::fmt().with_env_filter(filter).with_writer(std::io::stderr).with_ansi(false);
    let started = match config.log_format {
        LogFormat::Text => lines.event_format(WithContext { lines: Format::default(), is_json: false }).try_init(),
        LogFormat::Json => {
            let lines = lines.fmt_fields(JsonFields::new());
            lines.event_format(WithContext { lines: Format::default().json(), is_json: true }).try_init()
        }
    };
    if started.is_err() {
        tracing::debug!("logging had already been started");
    }
    Ok(())
}

/// Lines that say what they are about, and have `trace_id` and `span_id` where there is a span.
struct WithContext<F> {
    lines: F,
    is_json: bool,
}

impl<S, N, F> FormatEvent<S, N> for WithContext<F>
where
    S: Subscriber + for<'a> LookupSpan<'a>,
    N: for<'a> FormatFields<'a> + 'static,
    F: FormatEvent<S, N>,
{
    fn format_event(&self, context: &FmtContext<'_, S, N>, mut writer: Writer<'_>, event: &Event<'_>) -> fmt::Result {
        let mut line = String::new();
        self.lines.format_event(context, Writer::new(&mut line), event)?;
        let mut fields: Vec<(&str, String)> = Vec::new();
        let span = Context::map_current(|current| current.span().span_context().clone());
        if span.is_valid() {
            fields.extend([("trace_id", span.trace_id().to_string()), ("span_id", span.span_id().to_string())]);
        }
        let _ = ABOUT.try_with(|about| fields.extend(about.fields()));
        if self.is_json {
            // Of one object, after its first brace.
            let rest = line.strip_prefix('{').unwrap_or(&line);
            let fields = fields.iter().map(|(name, value)| format!("\"{name}\":{},", Value::from(value.as_str())));
            write!(writer, "{{{}{rest}", fields.collect::<String>())
        } else {
            let fields = fields.iter().map(|(name, value)| format!(" {name}={value}"));
            writeln!(writer, "{}{}", line.trim_end(), fields.collect::<String>())
        }
    }
}
