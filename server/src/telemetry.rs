//! Logs on stderr: human on a terminal, JSON otherwise, the request's id in every line of a request.

use std::io::{self, IsTerminal};

use tracing::{Event, Subscriber};
use tracing_subscriber::{
    EnvFilter,
    fmt::{
        FmtContext, FormatEvent, FormatFields,
        format::{Format, Full, Json, JsonFields, Writer},
        time::SystemTime,
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
        let format = Human(Format::default().with_target(false));
        builder.event_format(format).finish().init();
    } else {
        let format = JsonLine(Format::default().json().flatten_event(true));
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

/// `time LEVEL message fields request=ID`
struct Human(Format<Full, SystemTime>);

impl<S, N> FormatEvent<S, N> for Human
where
    S: Subscriber + for<'a> LookupSpan<'a>,
    N: for<'a> FormatFields<'a> + 'static,
{
    fn format_event(
        &self,
        context: &FmtContext<'_, S, N>,
        mut writer: Writer<'_>,
        event: &Event<'_>,
    ) -> std::fmt::Result {
        let mut line = String::new();
        self.0
            .format_event(context, Writer::new(&mut line), event)?;
        match request_id::current() {
            Some(id) => writeln!(writer, "{} request={id}", line.trim_end()),
            None => writer.write_str(&line),
        }
    }
}

/// One JSON object, which starts with the request's id.
struct JsonLine(Format<Json, SystemTime>);

impl<S, N> FormatEvent<S, N> for JsonLine
where
    S: Subscriber + for<'a> LookupSpan<'a>,
    N: for<'a> FormatFields<'a> + 'static,
{
    fn format_event(
        &self,
        context: &FmtContext<'_, S, N>,
        mut writer: Writer<'_>,
        event: &Event<'_>,
    ) -> std::fmt::Result {
        let mut line = String::new();
        self.0
            .format_event(context, Writer::new(&mut line), event)?;
        match (request_id::current(), line.strip_prefix('{')) {
            // The id's alphabet needs no escaping.
            (Some(id), Some(rest)) => write!(writer, "{{\"request_id\":\"{id}\",{rest}"),
            _ => writer.write_str(&line),
        }
    }
}
