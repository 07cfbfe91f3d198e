//! A request body under construction, and what was lost on the way to it. The same for every wire format.

use crate::json::read::Value;
use crate::json::write::JsonWriter;
use crate::types::{
    CacheBreakpoint, DocumentPart, Error, ErrorKind, JsonSchemaOutput, MediaPart, Number, Request, Tool,
    ToolChoice, ToolResultPart, Warning, WarningKind,
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

    pub(crate) fn renamed(&mut self, field: impl Into<String>, message: impl Into<String>) {
        self.add(WarningKind::Renamed, field, message);
    }

    /// Standing instructions of the application, for those who know only `system`.
    pub(crate) fn no_developer(&mut self, path: &str, who: &str) {
        self.renamed(format!("{path}.role"), format!("{who} knows no `developer`; sent as `system`"));
    }

    /// A message whose results of tools stood behind something else, in formats where they come first.
    pub(crate) fn results_first(&mut self, path: &str, protocol: &str) {
        self.renamed(path, format!("{protocol} says results of tools first: moved there"));
    }

    /// Data of a tool, for formats that take only its words.
    pub(crate) fn data_as_text(&mut self, path: &str, protocol: &str) {
        self.renamed(path, format!("{protocol} takes text from tools; the JSON is sent as text"));
    }

    /// The name of a document, for formats whose documents have at most a title.
    pub(crate) fn document_id(&mut self, path: &str, protocol: &str, document: &DocumentPart) {
        if document.id.is_some() {
            self.dropped(format!("{path}.id"), format!("{protocol} has no ids of documents"));
        }
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

/// Whether a URL holds its bytes itself.
pub(crate) fn is_data_url(url: &str) -> bool {
    url.get(..5).is_some_and(|scheme| scheme.eq_ignore_ascii_case("data:"))
}

/// The media type, perhaps empty, and the base64 text of a `data:` URL; nothing for other URLs, and for those that hold
/// text. A media type beside any other URL is the caller's knowledge: no format has a field for it, and the provider
/// sees for itself.
pub(crate) fn bytes_in_url(url: &str) -> Option<(&str, &str)> {
    let (head, bytes) = url.get(5..).filter(|_| is_data_url(url))?.split_once(',')?;
    let (kind, encoding) = head.rsplit_once(';')?;
    encoding.eq_ignore_ascii_case("base64").then(|| (kind.split(';').next().unwrap_or(kind), bytes))
}

/// The top level of the body: fields that the caller's `extra` sets are left to it, and come last.
pub(crate) struct Body<'a> {
    json: JsonWriter,
    /// Each field once: of several `extra` the last counts.
    extra: Vec<(String, &'a str)>,
}

impl<'a> Body<'a> {
    /// Begins the body of a request in this format.
    pub(crate) fn begin(request: &'a Request, protocol: &str, losses: &mut Losses) -> Self {
        let mut extra: Vec<(String, &'a str)> = Vec::new();
        for (at, body) in request.extra.iter().enumerate() {
            if body.protocol != protocol {
                losses.dropped(
                    format!("extra[{at}]"),
                    format!("is meant for {}, this provider speaks {protocol}", body.protocol),
                );
            } else if let Ok(value) = Value::parse(&body.body) {
                for (name, value) in value.object().iter() {
                    match extra.iter_mut().find(|(set, _)| set == name) {
                        Some((_, held)) => *held = value.raw(),
                        None => extra.push((name.to_owned(), value.raw())),
                    }
                }
            }
        }
        let mut json = JsonWriter::default();
        json.begin_object();
        Self { json, extra }
    }

    fn is_extra(&self, name: &str) -> bool {
        self.extra.iter().any(|(set, _)| set == name)
    }

    pub(crate) fn field(&mut self, name: &str, write: impl FnOnce(&mut JsonWriter)) {
        if !self.is_extra(name) {
            write(self.json.key(name));
        }
    }

    /// A tool that must be called, where none is left to call.
    pub(crate) fn refuse_choice_of_nothing(
        &self,
        request: &Request,
        protocol: &str,
        offered: &[&Tool],
    ) -> Result<(), Error> {
        let free = matches!(request.tool_choice, None | Some(ToolChoice::Auto | ToolChoice::None));
        if free || !offered.is_empty() || self.is_extra("tools") {
            return Ok(());
        }
        Err(cannot(protocol, "tool_choice", "is another format than the one the tools are written for"))
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
        extra.iter().for_each(|(name, value)| json.key(name).raw(value));
        json.end_object();
        json
    }
}
