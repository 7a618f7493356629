//! The strict positional parser.

use time::OffsetDateTime;

use super::{
    Fields, MAX_LENGTH, MAX_RESOURCES, MessageError, MessageErrorKind, SignInMessage, grammar,
    instant,
};
use crate::nonce::Nonce;

const OPENING: &str = "`DOMAIN wants you to sign in with your CHAIN account:`";
const NONCE: &str = "`Nonce: ` and 8 to 128 letters or digits";
const ISSUED_AT: &str = "`Issued At: ` and an RFC 3339 date-time";
const INSTANT: &str = "an RFC 3339 date-time with a time zone, such as 2026-03-01T12:00:00Z";
const NOTHING_MORE: &str = "the end of the message: optional lines stand in the order Expiration Time, Not Before, Request ID, Resources, each once, and no line break follows the last";

pub(super) fn parse(text: &str) -> Result<SignInMessage, MessageError> {
    refuse_spoiled_text(text)?;
    let mut lines = Lines::new(text);
    let (scheme, domain, chain_name) = opening(&mut lines)?;
    let address = lines
        .matching("the account's address", is_one_word)?
        .to_owned();
    let statement = statement(&mut lines)?;
    let uri = lines.field(
        "URI: ",
        "`URI: ` and an absolute RFC 3986 URI",
        grammar::is_uri,
    )?;
    version(&mut lines)?;
    let chain_id = lines.field(
        "Chain ID: ",
        "`Chain ID: ` and a chain id",
        grammar::is_chain_id,
    )?;
    let chain_id_line = lines.number;
    let nonce = lines.field("Nonce: ", NONCE, |text| Nonce::parse(text).is_some())?;
    let issued_at = lines.instant("Issued At: ")?;
    let (issued_at_text, issued_at) = issued_at.ok_or_else(|| lines.fault_ahead(ISSUED_AT))?;
    let (expiration_text, expiration_time) = lines.instant("Expiration Time: ")?.unzip();
    let (not_before_text, not_before) = lines.instant("Not Before: ")?.unzip();
    let fields = Fields {
        scheme,
        domain,
        chain_name,
        address,
        statement,
        uri,
        chain_id,
        nonce,
        issued_at: issued_at_text,
        expiration_time: expiration_text,
        not_before: not_before_text,
        request_id: request_id(&mut lines)?,
        resources: resources(&mut lines)?,
    };
    lines.end()?;
    Ok(SignInMessage {
        fields,
        chain_id_line,
        issued_at,
        expiration_time,
        not_before,
    })
}

fn is_one_word(line: &str) -> bool {
    !line.is_empty() && !line.contains(' ')
}

/// Faults of the whole text, each with the hint that helps the one who made it.
fn refuse_spoiled_text(text: &str) -> Result<(), MessageError> {
    if text.len() > MAX_LENGTH {
        return Err(MessageError {
            line: 1,
            kind: MessageErrorKind::TooLarge,
            expected: "a message of at most 4096 bytes".into(),
        });
    }
    if let Some(at) = text.find('\r') {
        let line = text[..at].matches('\n').count() + 1;
        return Err(malformed(
            line,
            "lines that end in one line feed, without carriage returns",
        ));
    }
    if !text.contains('\n') && text.contains("\\n") {
        return Err(malformed(
            1,
            "real line feeds: these arrived as a backslash and an n",
        ));
    }
    Ok(())
}

/// `[scheme "://"] authority " wants you to sign in with your " name " account:"`
fn opening(lines: &mut Lines<'_>) -> Result<(Option<String>, String, String), MessageError> {
    let line = lines.next(OPENING)?;
    let fault = || malformed(1, OPENING);
    let (domain, rest) = line
        .split_once(" wants you to sign in with your ")
        .ok_or_else(fault)?;
    let name = rest
        .strip_suffix(" account:")
        .filter(|name| grammar::is_chain_name(name))
        .ok_or_else(fault)?;
    let (scheme, authority) = match domain.split_once("://") {
        Some((scheme, authority)) => (Some(scheme), authority),
        None => (None, domain),
    };
    if !scheme.is_none_or(grammar::is_scheme) {
        return Err(malformed(1, "a URI scheme before `://`, such as https"));
    }
    if !grammar::is_authority(authority) {
        return Err(malformed(
            1,
            "a domain: host and optional port, without path, query or spaces",
        ));
    }
    Ok((
        scheme.map(str::to_owned),
        authority.to_owned(),
        name.to_owned(),
    ))
}

/// An empty line, then either the statement and an empty line, or the second empty line at once.
fn statement(lines: &mut Lines<'_>) -> Result<Option<String>, MessageError> {
    lines.matching("an empty line after the address", str::is_empty)?;
    const EXPECTED: &str =
        "a statement of printable ASCII without \" % < > \\ ^ ` { | }, or an empty line";
    let statement = lines.matching(EXPECTED, grammar::is_statement)?;
    // Two empty lines are no statement, three an empty one. What follows decides.
    if statement.is_empty() && lines.ahead.is_some_and(|line| !line.is_empty()) {
        return Ok(None);
    }
    lines.matching("an empty line after the statement", str::is_empty)?;
    Ok(Some(statement.to_owned()))
}

fn version(lines: &mut Lines<'_>) -> Result<(), MessageError> {
    const EXPECTED: &str = "`Version: 1`";
    match lines.next(EXPECTED)?.strip_prefix("Version: ") {
        Some("1") => Ok(()),
        Some(_) => Err(MessageError {
            line: lines.number,
            kind: MessageErrorKind::UnsupportedVersion,
            expected: EXPECTED.into(),
        }),
        None => Err(malformed(lines.number, EXPECTED)),
    }
}

fn request_id(lines: &mut Lines<'_>) -> Result<Option<String>, MessageError> {
    let Some(id) = lines.optional("Request ID: ") else {
        return Ok(None);
    };
    if !grammar::is_request_id(id) {
        return Err(malformed(
            lines.number,
            "a request id of RFC 3986 path characters, without / ? #",
        ));
    }
    Ok(Some(id.to_owned()))
}

fn resources(lines: &mut Lines<'_>) -> Result<Option<Vec<String>>, MessageError> {
    if lines.ahead != Some("Resources:") {
        return Ok(None);
    }
    lines.next(NOTHING_MORE)?;
    let mut resources = Vec::new();
    while let Some(uri) = lines.optional("- ") {
        if !grammar::is_uri(uri) {
            return Err(malformed(lines.number, "`- ` and an absolute RFC 3986 URI"));
        }
        if resources.len() == MAX_RESOURCES {
            return Err(malformed(lines.number, "at most 64 resources"));
        }
        resources.push(uri.to_owned());
    }
    Ok(Some(resources))
}

fn malformed(line: usize, expected: &'static str) -> MessageError {
    MessageError {
        line,
        kind: MessageErrorKind::Malformed,
        expected: expected.into(),
    }
}

/// The text line by line. Only `\n` ends a line.
struct Lines<'a> {
    rest: std::str::Split<'a, char>,
    /// The line that [`Lines::next`] returns next.
    ahead: Option<&'a str>,
    /// Number of the line returned last.
    number: usize,
}

impl<'a> Lines<'a> {
    fn new(text: &'a str) -> Self {
        let mut rest = text.split('\n');
        let ahead = rest.next();
        Self {
            rest,
            ahead,
            number: 0,
        }
    }

    fn fault_ahead(&self, expected: &'static str) -> MessageError {
        malformed(self.number + 1, expected)
    }

    fn next(&mut self, expected: &'static str) -> Result<&'a str, MessageError> {
        let line = self.ahead.ok_or_else(|| self.fault_ahead(expected))?;
        self.ahead = self.rest.next();
        self.number += 1;
        Ok(line)
    }

    /// The next line, which must fit.
    fn matching(
        &mut self,
        expected: &'static str,
        fits: impl Fn(&str) -> bool,
    ) -> Result<&'a str, MessageError> {
        let line = self.next(expected)?;
        if fits(line) {
            Ok(line)
        } else {
            Err(malformed(self.number, expected))
        }
    }

    /// Nothing may follow.
    fn end(&self) -> Result<(), MessageError> {
        if self.ahead.is_none() {
            Ok(())
        } else {
            Err(self.fault_ahead(NOTHING_MORE))
        }
    }

    /// The value of the next line, which must carry this label and a value that fits.
    fn field(
        &mut self,
        label: &str,
        expected: &'static str,
        fits: impl Fn(&str) -> bool,
    ) -> Result<String, MessageError> {
        let value = self
            .next(expected)?
            .strip_prefix(label)
            .filter(|value| fits(value));
        value
            .map(str::to_owned)
            .ok_or_else(|| malformed(self.number, expected))
    }

    /// The value of the next line if it carries this label; otherwise the line stays.
    fn optional(&mut self, label: &str) -> Option<&'a str> {
        let value = self.ahead?.strip_prefix(label)?;
        self.ahead = self.rest.next();
        self.number += 1;
        Some(value)
    }

    /// An optional date-time line, as written and as an instant.
    fn instant(&mut self, label: &str) -> Result<Option<(String, OffsetDateTime)>, MessageError> {
        let Some(text) = self.optional(label) else {
            return Ok(None);
        };
        let instant = instant::parse(text).ok_or_else(|| malformed(self.number, INSTANT))?;
        Ok(Some((text.to_owned(), instant)))
    }
}
