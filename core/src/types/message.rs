//! Messages and their parts: what is said, by whom, losslessly.
//!
//! The same parts carry the question and the answer, so an answer can be sent back as it came.

use serde::{Deserialize, Serialize};

use super::{CacheBreakpoint, Json, ProviderData};

/// Who speaks. Adapters move a role to where their wire format wants it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Role {
    /// Standing instructions.
    System,
    /// Standing instructions of the application, where a provider tells the two apart.
    Developer,
    /// The person, or whoever asks.
    User,
    /// The model.
    Assistant,
    /// Results of tools the model called.
    Tool,
}

/// One turn.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Message {
    /// Who speaks.
    pub role: Role,
    /// What is said, in order. In JSON a plain string stands for one text part.
    #[serde(default, deserialize_with = "text_or_list")]
    pub content: Vec<Part>,
    /// Name of the speaker where several share a role. Absent: none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
}

/// A piece of a message, of the question as of the answer.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(tag = "type", rename_all = "snake_case")]
pub enum Part {
    /// Words.
    Text(TextPart),
    /// A picture.
    Image(MediaPart),
    /// Sound.
    Audio(MediaPart),
    /// A film.
    Video(MediaPart),
    /// A file, such as a PDF.
    File(MediaPart),
    /// The model asks for a tool.
    ToolCall(ToolCallPart),
    /// What the tool said.
    ToolResult(ToolResultPart),
    /// The model's thinking, visible or encrypted.
    Reasoning(ReasoningPart),
    /// The model declines, in words of its own.
    Refusal(RefusalPart),
    /// A source the answer leans on.
    Citation(CitationPart),
    /// Material to be cited.
    Document(DocumentPart),
    /// Anything a provider sent that is not modelled here.
    Opaque(OpaquePart),
}

/// Words.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct TextPart {
    /// The text. May be empty when `provider-data` carries something.
    pub text: String,
    /// Cache the prompt up to and with this part. Absent: no breakpoint here.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cache: Option<CacheBreakpoint>,
    /// Fields of the wire format that belong to this part. Absent: none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub provider_data: Option<ProviderData>,
}

/// Where a picture, sound or file comes from.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(tag = "type", rename_all = "snake_case")]
pub enum MediaSource {
    /// The provider fetches it.
    Url(UrlSource),
    /// The host holds the bytes; they never enter the core.
    Blob(BlobSource),
    /// Uploaded to the provider before.
    ProviderFile(ProviderFileSource),
}

/// An address the provider can read: `https:`, `gs:`, `s3:` or a `data:` URL.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct UrlSource {
    /// The address.
    pub url: String,
}

/// Bytes in the host's hands.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct BlobSource {
    /// The host's name for them, 1 to 128 characters, unique within the call.
    pub id: String,
    /// How many bytes.
    pub length: u64,
}

/// A file the provider knows.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ProviderFileSource {
    /// The provider's id.
    pub id: String,
}

/// A picture, sound, film or file.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct MediaPart {
    /// Where it comes from.
    pub source: MediaSource,
    /// Such as `image/png`. Absent: the provider finds out; a blob needs it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub media_type: Option<String>,
    /// File name shown to the model. Absent: none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// Resolution the model should look at: `low`, `high`, `auto`. Absent: the provider's default.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub detail: Option<String>,
    /// Cache the prompt up to and with this part. Absent: no breakpoint here.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cache: Option<CacheBreakpoint>,
    /// Fields of the wire format that belong to this part. Absent: none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub provider_data: Option<ProviderData>,
}

/// The model asks for a tool.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ToolCallPart {
    /// Id that the result must name. The core makes one (`call_1`, ...) when a provider sends none.
    pub id: String,
    /// The tool's name.
    pub name: String,
    /// Arguments as the model wrote them. Usually one JSON object, but a cut answer ends anywhere.
    pub arguments: String,
    /// Whether `arguments` is one whole JSON value. Written by the core, ignored in requests.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub complete: Option<bool>,
    /// Fields of the wire format that belong to this part. Absent: none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub provider_data: Option<ProviderData>,
}

/// What a tool said.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ToolResultPart {
    /// The id of the call it answers.
    pub tool_call_id: String,
    /// The tool's name, for formats that ask for it. Absent: unknown.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// The result, in order. In JSON a plain string stands for one text.
    #[serde(default, deserialize_with = "text_or_list")]
    pub content: Vec<ToolResultContent>,
    /// The tool failed and `content` says how. Absent: it did not.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub is_error: Option<bool>,
    /// Cache the prompt up to and with this part. Absent: no breakpoint here.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cache: Option<CacheBreakpoint>,
}

/// A piece of a tool's result. (WIT has no recursive types, so this is not `part`.)
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(tag = "type", rename_all = "snake_case")]
pub enum ToolResultContent {
    /// Words.
    Text(TextContent),
    /// A picture.
    Image(MediaPart),
    /// Data.
    Json(JsonContent),
}

/// Words of a tool.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct TextContent {
    /// The text.
    pub text: String,
}

/// Data of a tool.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct JsonContent {
    /// One JSON value.
    pub value: Json,
}

/// The model's thinking.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ReasoningPart {
    /// What may be read of it; empty when all of it is encrypted.
    pub text: String,
    /// Signatures and encrypted content. Absent: none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub provider_data: Option<ProviderData>,
}

/// The model declines.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RefusalPart {
    /// Its words.
    pub text: String,
}

/// A source the answer leans on. It belongs to the text part before it.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CitationPart {
    /// Address of the source. Absent: it has none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub url: Option<String>,
    /// Title of the source. Absent: it has none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub title: Option<String>,
    /// First character of the cited span in that text, counted in Unicode code points from 0. Absent: the whole text.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub start_char: Option<u64>,
    /// One past the last character of the span.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub end_char: Option<u64>,
    /// The provider's own object.
    pub data: Json,
}

/// Material to be cited.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct DocumentPart {
    /// Id that citations name. Absent: the adapter numbers it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub id: Option<String>,
    /// Title. Absent: none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub title: Option<String>,
    /// Its text.
    pub text: String,
    /// Cache the prompt up to and with this part. Absent: no breakpoint here.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cache: Option<CacheBreakpoint>,
}

/// Anything a provider sent that is not modelled.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct OpaquePart {
    /// The provider's name for its kind, such as `server_tool_use`.
    pub name: String,
    /// The whole of it; goes back to the same wire format in this place.
    pub provider_data: ProviderData,
}

/// What a plain string stands for in a list of parts.
pub(crate) trait FromText: Sized {
    fn from_text(text: String) -> Self;
}

impl FromText for Part {
    fn from_text(text: String) -> Self {
        Part::Text(TextPart { text, ..TextPart::default() })
    }
}

impl FromText for ToolResultContent {
    fn from_text(text: String) -> Self {
        ToolResultContent::Text(TextContent { text })
    }
}

/// Reads a list, or a plain string as a list of one text.
fn text_or_list<'de, T, D>(from: D) -> Result<Vec<T>, D::Error>
where
    T: FromText + Deserialize<'de>,
    D: serde::Deserializer<'de>,
{
    struct TextOrList<T>(core::marker::PhantomData<T>);

    impl<'de, T: FromText + Deserialize<'de>> serde::de::Visitor<'de> for TextOrList<T> {
        type Value = Vec<T>;

        fn expecting(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
            f.write_str("a string or a list of parts")
        }

        fn visit_str<E>(self, text: &str) -> Result<Vec<T>, E> {
            Ok(vec![T::from_text(text.to_owned())])
        }

        fn visit_seq<A: serde::de::SeqAccess<'de>>(self, list: A) -> Result<Vec<T>, A::Error> {
            Deserialize::deserialize(serde::de::value::SeqAccessDeserializer::new(list))
        }
    }

    from.deserialize_any(TextOrList(core::marker::PhantomData))
}

impl Message {
    /// A message of one text.
    ///
    /// ```
    /// use literllm_core::types::{Message, Role};
    /// let question = Message::text(Role::User, "Why is the sky blue?");
    /// assert_eq!(question.content.len(), 1);
    /// ```
    pub fn text(role: Role, text: impl Into<String>) -> Self {
        Self { role, content: vec![Part::from_text(text.into())], name: None }
    }
}
