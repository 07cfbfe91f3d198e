//! A request body under construction, and what was lost on the way to it. The same for every wire format.

use crate::json::read::{Object, Value};
use crate::json::write::JsonWriter;
use crate::types::{
    CacheBreakpoint, Error, ErrorKind, JsonSchemaOutput, MediaPart, Number, Request, Tool, ToolResultPart,
    Warning, WarningKind,
};

/// What was lost on the way.
#[derive(Default)]
pub(crate) struct Losses(pub(crate) Vec<Warning>);

impl Losses {
    pub(crate) fn add(&mut self, kind: WarningKind, field: impl Into<String>, message: impl Into<String>) {
        self.0.push(Warning { kind, field: field.into(), message: message.into() });
    }

    pub(crate) fn dropped(&mut self, field: impl Into<String>, message: impl Into<String>) {
        self.add(WarningKind::Dropped, field, message);
    }

    /// Whether a tool is written for another format, and so is left out and told.
    pub(crate) fn foreign_tool(&mut self, protocol: &str, at: usize, tool: &Tool) -> bool {
        let Tool::Provider(tool) = tool else { return false };
        let foreign = tool.protocol != protocol;
        if foreign {
            self.dropped(
                format!("tools[{at}]"),
                format!(
                    "tool `{}` is written for {}, this provider speaks {protocol}",
                    tool.name, tool.protocol
                ),
            );
        }
        foreign
    }

    /// Whether a tool is not among those that may be called, for formats that can only leave it out.
    pub(crate) fn unchosen_tool(
        &mut self,
        protocol: &str,
        at: usize,
        tool: &Tool,
        allowed: Option<&[String]>,
    ) -> bool {
        let name = match tool {
            Tool::Function(tool) => &tool.name,
            Tool::Provider(tool) => &tool.name,
        };
        let unchosen = allowed.is_some_and(|names| !names.contains(name));
        if unchosen {
            self.dropped(
                format!("tools[{at}]"),
                format!("`{name}` is not among the allowed tools, and {protocol} can only leave it out"),
            );
        }
        unchosen
    }

    /// A breakpoint, for formats that have none.
    pub(crate) fn cache(&mut self, path: &str, protocol: &str, cache: Option<&CacheBreakpoint>) {
        if cache.is_some() {
            self.dropped(format!("{path}.cache"), format!("{protocol} has no cache breakpoints"));
        }
    }

    /// A tool that failed, for formats that cannot say so.
    pub(crate) fn failed_tool(&mut self, path: &str, protocol: &str, result: &ToolResultPart) {
        if result.is_error == Some(true) {
            self.dropped(
                format!("{path}.is_error"),
                format!("{protocol} cannot say that a tool failed; its text has to"),
            );
        }
    }

    /// A form of answer, for formats that take the schema alone and always hold the model to it.
    pub(crate) fn bare_schema(&mut self, protocol: &str, output: &JsonSchemaOutput) {
        for (name, given) in [("name", output.name.is_some()), ("description", output.description.is_some())]
        {
            if given {
                self.dropped(format!("output.{name}"), format!("{protocol} takes the schema alone"));
            }
        }
        if output.strict == Some(false) {
            self.dropped("output.strict", format!("{protocol} always holds the model to the schema"));
        }
    }

    /// Fields that a format has no place for; those that were given are told.
    pub(crate) fn no_field(&mut self, protocol: &str, fields: &[(&str, bool)]) {
        for (name, _) in fields.iter().filter(|(_, given)| *given) {
            self.dropped(
                *name,
                format!("{protocol} has no field for it; use `extra` for a server that does"),
            );
        }
    }
}

/// What a format cannot say and what must not be left out in silence.
pub(crate) fn cannot(protocol: &str, field: &str, what: &str) -> Error {
    let message = format!("the request's {field} cannot be sent: {protocol} {what}");
    Error::new(ErrorKind::InvalidRequest, message)
}

/// Conversations that the provider keeps, for formats that know none.
pub(crate) fn refuse_kept_conversations(protocol: &str, request: &Request) -> Result<(), Error> {
    if request.previous_response_id.is_none() && request.conversation_id.is_none() {
        return Ok(());
    }
    let what = "keeps no conversations; send all messages";
    Err(cannot(protocol, "previous_response_id or conversation_id", what))
}

/// The beginning of a `data:` URL (RFC 2397).
pub(crate) fn data_url(media: &MediaPart) -> String {
    format!("data:{};base64,", media.media_type.as_deref().unwrap_or("application/octet-stream"))
}

/// The top level of the body: fields that the caller's `extra` sets are left to it, and come last.
pub(crate) struct Body<'a> {
    json: JsonWriter,
    extra: Vec<Object<'a>>,
}

impl<'a> Body<'a> {
    /// Begins the body of a request in this format.
    pub(crate) fn begin(request: &'a Request, protocol: &str, losses: &mut Losses) -> Self {
        let mut extra = Vec::new();
        for (at, body) in request.extra.iter().enumerate() {
            if body.protocol != protocol {
                losses.dropped(
                    format!("extra[{at}]"),
                    format!("is meant for {}, this provider speaks {protocol}", body.protocol),
                );
            } else if let Ok(value) = Value::parse(&body.body) {
                extra.push(value.object());
            }
        }
        let mut json = JsonWriter::default();
        json.begin_object();
        Self { json, extra }
    }

    pub(crate) fn field(&mut self, name: &str, write: impl FnOnce(&mut JsonWriter)) {
        if !self.extra.iter().any(|extra| extra.iter().any(|(key, _)| key == name)) {
            write(self.json.key(name));
        }
    }

    pub(crate) fn text(&mut self, name: &str, text: Option<&String>) {
        if let Some(text) = text {
            self.field(name, |json| json.string(text));
        }
    }

    pub(crate) fn number(&mut self, name: &str, number: Option<&Number>) {
        if let Some(number) = number {
            self.field(name, |json| json.raw(number.as_str()));
        }
    }

    pub(crate) fn count(&mut self, name: &str, count: Option<u64>) {
        if let Some(count) = count {
            self.field(name, |json| json.count(count));
        }
    }

    pub(crate) fn flag(&mut self, name: &str, flag: Option<bool>) {
        if let Some(flag) = flag {
            self.field(name, |json| json.boolean(flag));
        }
    }

    pub(crate) fn strings(&mut self, name: &str, list: &[String]) {
        if !list.is_empty() {
            self.field(name, |json| json.list(|json| list.iter().for_each(|text| json.string(text))));
        }
    }

    /// The body with the caller's own fields, ended.
    pub(crate) fn finish(self) -> JsonWriter {
        let Self { mut json, extra } = self;
        for extra in &extra {
            for (name, value) in extra.iter() {
                json.key(name).raw(value.raw());
            }
        }
        json.end_object();
        json
    }
}
