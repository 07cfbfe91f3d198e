//! Faults by name: the table, and the text by which one is chosen.
//!
//! `FAULTS` is read by the parser, by the listing, by the README's test and by people. A fault says what
//! happens on the wire, in words that hold for every wire format: the unit of `after` is an event of a
//! stream, or 64 bytes of a plain answer. What each does is decided in `script`; this file only knows names.

use std::fmt;
use std::str::FromStr;

use http::HeaderValue;

/// How an answer goes wrong. One variant per row of [`FAULTS`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
#[expect(missing_docs, reason = "the row of each in FAULTS is its documentation")]
pub enum FaultKind {
    Status,
    ResetBeforeHead,
    CloseBeforeHead,
    ResetAfterHead,
    Cut,
    ResetMidStream,
    AbortMidStream,
    Stall,
    SlowHead,
    SlowFirstToken,
    ErrorIn200,
    BrokenJson,
    InvalidUtf8,
    OneByte,
    Html,
    NoDone,
    Crlf,
    Comments,
    UnknownEvents,
    NoUsage,
    Redirect,
    HugeLine,
    EmptyBody,
    PlainForStream,
}

/// One fault: its name, what it does, and its parameters.
#[derive(Debug, PartialEq)]
pub struct FaultRow {
    /// What programs match on.
    pub kind: FaultKind,
    /// What people write.
    pub name: &'static str,
    /// What happens on the wire, in one line.
    pub about: &'static str,
    /// What can be set; `name=value` sets the first.
    pub params: &'static [Param],
}

/// One parameter of a fault.
#[derive(Debug, PartialEq)]
pub struct Param {
    /// The name, with its unit.
    pub name: &'static str,
    /// What it changes.
    pub about: &'static str,
    /// The value when none is given; `None` when absence means something of its own.
    pub default: Option<&'static str>,
    /// Which texts are accepted.
    pub values: Values,
}

/// The texts a parameter accepts.
#[derive(Debug, PartialEq)]
pub enum Values {
    /// A whole number between the two, both included.
    Number(u64, u64),
    /// One of these words.
    OneOf(&'static [&'static str]),
    /// Anything that may stand in an HTTP header (so no `;`, which separates parameters).
    HeaderText,
}

/// The error bodies that `status` can carry: the format's own, and what gateways make of errors.
pub(crate) const ERROR_BODIES: &[&str] =
    &["own", "openai", "string", "message", "detail", "text", "html", "empty"];

const DAY_MS: u64 = 86_400_000;
const AFTER: Param = Param {
    name: "after",
    about: "events of the stream (or 64-byte pieces of a plain answer) that come before",
    default: Some("3"),
    values: Values::Number(0, 1_000_000),
};
const DELAY_MS: Param = Param {
    name: "delay_ms",
    about: "how long the wait is",
    default: Some("1000"),
    values: Values::Number(0, DAY_MS),
};
const ERROR_CODE: Param = Param {
    name: "code",
    about: "the HTTP status",
    default: Some("429"),
    // 1xx never is a final answer.
    values: Values::Number(200, 599),
};
const ERROR_BODY: Param = Param {
    name: "body",
    about: "the shape of the error body: own (the format's), openai, string, message, detail, text, html or empty",
    default: Some("own"),
    values: Values::OneOf(ERROR_BODIES),
};
const STANDS_FOR: Param = Param {
    name: "code",
    about: "the HTTP status that the error would have had",
    default: Some("500"),
    values: Values::Number(400, 599),
};
const RETRY_AFTER: Param = Param {
    name: "retry_after",
    about: "the Retry-After header, seconds or an HTTP date, sent as written",
    default: None,
    values: Values::HeaderText,
};
const RETRY_AFTER_MS: Param = Param {
    name: "retry_after_ms",
    about: "the retry-after-ms header",
    default: None,
    values: Values::Number(0, DAY_MS),
};
const STALL_MS: Param = Param {
    name: "stall_ms",
    about: "how long the silence is; without it, until the client leaves",
    default: None,
    values: Values::Number(0, DAY_MS),
};
const TO: Param = Param {
    name: "to",
    about: "the Location header",
    default: Some("http://127.0.0.1:9/"),
    values: Values::HeaderText,
};
const BYTES: Param = Param {
    name: "bytes",
    about: "the length of the line (or of the plain body)",
    // Twice what literllm-core accepts for a line.
    default: Some("16777216"),
    values: Values::Number(0, 1 << 36),
};

macro_rules! row {
    ($kind:ident, $name:literal, [$($param:expr),*], $about:literal) => {
        FaultRow { kind: FaultKind::$kind, name: $name, about: $about, params: &[$($param),*] }
    };
}

/// Every fault the simulator knows.
pub const FAULTS: &[FaultRow] = &[
    row!(
        Status,
        "status",
        [ERROR_CODE, ERROR_BODY, RETRY_AFTER, RETRY_AFTER_MS],
        "an HTTP error with a body"
    ),
    row!(ResetBeforeHead, "reset-before-head", [], "TCP reset (RST) instead of an answer"),
    row!(CloseBeforeHead, "close-before-head", [], "clean end of the connection (FIN) instead of an answer"),
    row!(ResetAfterHead, "reset-after-head", [], "status 200 and headers, then TCP reset"),
    row!(
        Cut,
        "cut",
        [AFTER],
        "the body ends early but in good order: no finish, no last mark, half a JSON text"
    ),
    row!(ResetMidStream, "reset-mid-stream", [AFTER], "TCP reset in the middle of the body"),
    row!(
        AbortMidStream,
        "abort-mid-stream",
        [AFTER],
        "clean end of the connection inside an unterminated body"
    ),
    row!(Stall, "stall", [AFTER, STALL_MS], "silence in the middle of the body, with the connection open"),
    row!(SlowHead, "slow-head", [DELAY_MS], "silence before the status line"),
    row!(
        SlowFirstToken,
        "slow-first-token",
        [DELAY_MS],
        "the head at once, the first piece of the body late"
    ),
    row!(
        ErrorIn200,
        "error-in-200",
        [AFTER, STANDS_FOR],
        "status 200, then an error as the format's streams tell it (or an error as the whole body)"
    ),
    row!(
        BrokenJson,
        "broken-json",
        [AFTER],
        "one event whose JSON is cut in half; the stream goes on after it"
    ),
    row!(InvalidUtf8, "invalid-utf8", [AFTER], "the bytes C3 28 inside the text of one event"),
    row!(OneByte, "one-byte", [], "every byte of the body in a chunk and a write of its own"),
    row!(Html, "html", [], "status 200 with an HTML page, as a captive portal would send"),
    row!(NoDone, "no-done", [], "a whole stream without its last mark ([DONE], message_stop)"),
    row!(Crlf, "crlf", [], "the lines of the stream end in CRLF"),
    row!(Comments, "comments", [], "comments and blank lines before every event"),
    row!(UnknownEvents, "unknown-events", [], "an event of a kind nobody knows before every event"),
    row!(NoUsage, "no-usage", [], "no usage anywhere, though it was asked for"),
    row!(Redirect, "redirect", [TO], "status 307 with a Location"),
    row!(
        HugeLine,
        "huge-line",
        [BYTES],
        "one event on a line of that many bytes; the stream goes on after it"
    ),
    row!(EmptyBody, "empty-body", [], "status 200 and nothing"),
    row!(PlainForStream, "plain-for-stream", [], "a plain JSON answer, although a stream was asked for"),
];

/// A fault with its parameters.
///
/// Written `name`, `name;key=value;key=value`, or `name=value` for the first parameter; the same text
/// serves the `x-mock-fault` header, the command line and `Display`.
///
/// ```
/// let fault: literllm_mock::Fault = "status=503;retry_after=2".parse().unwrap();
/// assert_eq!(fault.to_string(), "status;code=503;retry_after=2");
/// ```
#[derive(Clone, PartialEq)]
pub struct Fault {
    row: &'static FaultRow,
    /// One place per parameter of the row; `None` where nothing was given.
    given: Vec<Option<String>>,
}

impl Fault {
    /// This fault, with the defaults of its row.
    pub fn new(kind: FaultKind) -> Self {
        // A test holds the table to having a row for each kind; a missing one would show as `status`.
        let row = FAULTS.iter().find(|row| row.kind == kind).unwrap_or(&FAULTS[0]);
        Self { row, given: vec![None; row.params.len()] }
    }

    /// The same fault with one parameter set. An unknown parameter or a bad value is an error.
    pub fn with(mut self, param: &str, value: impl fmt::Display) -> Result<Self, ParseFaultError> {
        self.set(param, &value.to_string())?;
        Ok(self)
    }

    /// Its row in the table.
    pub fn row(&self) -> &'static FaultRow {
        self.row
    }

    /// The text of a parameter: given, or the default. `None` when there is neither.
    pub fn text(&self, param: &str) -> Option<&str> {
        let place = self.row.params.iter().position(|known| known.name == param)?;
        self.given[place].as_deref().or(self.row.params[place].default)
    }

    /// A parameter as a number.
    pub fn number(&self, param: &str) -> Option<u64> {
        self.text(param)?.parse().ok()
    }

    fn set(&mut self, name: &str, value: &str) -> Result<(), ParseFaultError> {
        let row = self.row;
        let Some(place) = row.params.iter().position(|known| known.name == name) else {
            let known: Vec<&str> = row.params.iter().map(|param| param.name).collect();
            let known = if known.is_empty() { "none".to_owned() } else { known.join(", ") };
            return Err(error(format!("fault {} has no parameter {name:?}; it has: {known}", row.name)));
        };
        let expected = match &row.params[place].values {
            Values::Number(low, high) => match value.parse::<u64>() {
                Ok(number) if (*low..=*high).contains(&number) => None,
                _ => Some(format!("a whole number from {low} to {high}")),
            },
            Values::OneOf(words) => (!words.contains(&value)).then(|| format!("one of {}", words.join(", "))),
            Values::HeaderText => (value.contains(';') || HeaderValue::from_str(value).is_err())
                .then(|| "text that fits in a header, without ';'".to_owned()),
        };
        if let Some(expected) = expected {
            return Err(error(format!("fault {}: {name} must be {expected}, not {value:?}", row.name)));
        }
        if self.given[place].replace(value.to_owned()).is_some() {
            return Err(error(format!("fault {}: {name} is given twice", row.name)));
        }
        Ok(())
    }
}

impl FromStr for Fault {
    type Err = ParseFaultError;

    fn from_str(text: &str) -> Result<Self, ParseFaultError> {
        let mut parts = text.split(';').map(str::trim);
        let head = parts.next().unwrap_or_default();
        let (name, first) = match head.split_once('=') {
            Some((name, value)) => (name.trim(), Some(value.trim())),
            None => (head, None),
        };
        let Some(row) = FAULTS.iter().find(|row| row.name == name) else {
            let known: Vec<&str> = FAULTS.iter().map(|row| row.name).collect();
            return Err(error(format!("no fault is called {name:?}; known are: {}", known.join(", "))));
        };
        let mut fault = Self::new(row.kind);
        if let Some(value) = first {
            fault.set(row.params.first().map_or("value", |param| param.name), value)?;
        }
        for part in parts.filter(|part| !part.is_empty()) {
            let Some((key, value)) = part.split_once('=') else {
                return Err(error(format!("fault {name}: expected key=value, not {part:?}")));
            };
            fault.set(key.trim(), value.trim())?;
        }
        Ok(fault)
    }
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.row.name)?;
        for (param, given) in self.row.params.iter().zip(&self.given) {
            if let Some(value) = given {
                write!(f, ";{}={value}", param.name)?;
            }
        }
        Ok(())
    }
}

impl fmt::Debug for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Fault({self})")
    }
}

/// What one request meets: an answer in good order, or a fault. Written `ok`, or as the fault is.
#[derive(Clone, Debug, PartialEq)]
pub enum Step {
    /// An answer in good order, whatever the configured fault.
    Ok,
    /// This fault.
    Fault(Fault),
}

impl FromStr for Step {
    type Err = ParseFaultError;

    fn from_str(text: &str) -> Result<Self, ParseFaultError> {
        if text.trim() == "ok" { Ok(Self::Ok) } else { text.parse().map(Self::Fault) }
    }
}

impl fmt::Display for Step {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Ok => f.write_str("ok"),
            Self::Fault(fault) => fault.fmt(f),
        }
    }
}

impl From<Fault> for Step {
    fn from(fault: Fault) -> Self {
        Self::Fault(fault)
    }
}

/// A text that names no fault, with what was expected.
#[derive(Clone, Debug, PartialEq)]
pub struct ParseFaultError(String);

fn error(message: String) -> ParseFaultError {
    ParseFaultError(message)
}

impl fmt::Display for ParseFaultError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl std::error::Error for ParseFaultError {}

/// The table as plain text, for `--help` and listings.
pub fn list_faults() -> String {
    let mut text = String::new();
    for row in FAULTS {
        text.push_str(&format!("{:<18} {}\n", row.name, row.about));
        for param in row.params {
            let default = param.default.map(|value| format!(" [{value}]")).unwrap_or_default();
            text.push_str(&format!("{:<18}   {}: {}{default}\n", "", param.name, param.about));
        }
    }
    text
}

#[cfg(test)]
#[path = "faults_tests.rs"]
mod tests;
