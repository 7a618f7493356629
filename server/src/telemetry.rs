//! Logs on stderr: human on a terminal, JSON otherwise, the request's id in every line of a request.

use std::io::{self, IsTerminal};

use tracing::{Event, Subscriber};
use tracing_subscriber::{
    EnvFilter,
    fmt::{
        FmtContext, FormatEvent, FormatFields,
        format::{Format, JsonFields, Writer},
    },
    registry::LookupSpan,
    util::SubscriberInitExt,
};

use crate::{config::LogFormat, http::request_id, settings::Settings};

/// Starts logging.
pub(crate) fn start(settings: &Settings) {
    let filter = EnvFilter::new(&settings.log_filter);
    let is_human = match settings.log_format {
        LogFormat::Auto => io::stderr().is_terminal(),
        LogFormat::Human => true,
        LogFormat::Json => false,
    };
    let builder = tracing_subscriber::fmt()
        .with_env_filter(filter)
        // Whoever reads the log may go away; that must never end the service.
        .log_internal_errors(false)
        .with_writer(io::stderr);
    if is_human {
        let format = WithRequestId {
            format: Format::default().with_target(false),
            join: join_human,
        };
        builder.event_format(format).finish().init();
    } else {
        let format = WithRequestId {
            format: Format::default().json().flatten_event(true),
            join: join_json,
        };
        builder
            .fmt_fields(JsonFields::new())
            .event_format(format)
            .finish()
            .init();
    }
    log_panics();
}

/// A panic is a line like any other, without the message: it may hold what a client sent.
fn log_panics() {
    std::panic::set_hook(Box::new(|panic| {
        let place = panic
            .location()
            .map(ToString::to_string)
            .unwrap_or_default();
        tracing::error!(place, "a task panicked");
    }));
}

/// A line of another format, with the request's id joined to it.
struct WithRequestId<F> {
    format: F,
    join: fn(line: &str, id: &str) -> String,
}

impl<S, N, F> FormatEvent<S, N> for WithRequestId<F>
where
    S: Subscriber + for<'a> LookupSpan<'a>,
    N: for<'a> FormatFields<'a> + 'static,
    F: FormatEvent<S, N>,
{
    fn format_event(
        &self,
        context: &FmtContext<'_, S, N>,
        mut writer: Writer<'_>,
        event: &Event<'_>,
    ) -> std::fmt::Result {
        let mut line = String::new();
        self.format
            .format_event(context, Writer::new(&mut line), event)?;
        match request_id::current() {
            Some(id) => writer.write_str(&(self.join)(&line, &id)),
            None => writer.write_str(&line),
        }
    }
}

/// `time LEVEL message fields request=ID`
fn join_human(line: &str, id: &str) -> String {
    format!("{} request={id}\n", line.trim_end())
}

/// One JSON object, which starts with the id. The id's alphabet needs no escaping.
fn join_json(line: &str, id: &str) -> String {
    let rest = line.strip_prefix('{').unwrap_or(line);
    format!("{{\"request_id\":\"{id}\",{rest}")
}
