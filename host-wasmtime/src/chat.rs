//! A chat request, put together.

use std::error::Error as StdError;
use std::fmt;
use std::time::Duration;

use bytes::Bytes;
use literllm_core::types::{
    BlobSource, CallOptions, FunctionTool, JsonSchemaOutput, MediaPart, MediaSource, Message, Output, Part,
    Policy, Request, Role, Tool, UrlSource,
};

use crate::body::Blobs;
use crate::snapshot::{Keep, Snapshot, boxed};

/// A request, what stands beside it, and the bytes it speaks of.
///
/// The builder covers the common; for the rest write into [`request`](Self::request), which is the whole contract.
/// Nothing is checked here: the core does, before anything is sent.
///
/// ```
/// use literllm_host::Chat;
/// let mut chat = Chat::new("openai/gpt-4o-mini")
///     .system("You answer in one word.")
///     .user("What is in the picture?")
///     .image(&b"\x89PNG..."[..], "image/png")
///     .max_output_tokens(10);
/// chat.request.seed = Some(7);
/// assert_eq!(chat.request.messages.len(), 2);
/// ```
#[derive(Clone, Default)]
pub struct Chat {
    /// What is asked.
    pub request: Request,
    /// How hard it may be tried.
    pub options: CallOptions,
    blobs: Blobs,
    keep: Option<Keep>,
}

impl Chat {
    /// A chat with `provider/model`, such as `anthropic/claude-sonnet-4-5`, and no messages yet.
    pub fn new(model: impl Into<String>) -> Self {
        Request { model: model.into(), ..Request::default() }.into()
    }

    /// Adds standing instructions.
    #[must_use]
    pub fn system(self, text: impl Into<String>) -> Self {
        self.message(Message::text(Role::System, text))
    }

    /// Adds a turn of the user.
    #[must_use]
    pub fn user(self, text: impl Into<String>) -> Self {
        self.message(Message::text(Role::User, text))
    }

    /// Adds a turn of the model.
    #[must_use]
    pub fn assistant(self, text: impl Into<String>) -> Self {
        self.message(Message::text(Role::Assistant, text))
    }

    /// Adds a message as it stands, such as an answer's content on its way back. Its blobs are given with [`blob`](Self::blob).
    #[must_use]
    pub fn message(mut self, message: Message) -> Self {
        self.request.messages.push(message);
        self
    }

    /// Adds a picture to the last turn of the user (or begins one). The bytes stay in the host and are not copied.
    #[must_use]
    pub fn image(self, bytes: impl Into<Bytes>, media_type: impl Into<String>) -> Self {
        self.media(bytes.into(), media_type.into(), None, Part::Image)
    }

    /// Adds a picture that the provider fetches to the last turn of the user (or begins one).
    #[must_use]
    pub fn image_url(self, url: impl Into<String>) -> Self {
        let source = MediaSource::Url(UrlSource { url: url.into() });
        self.part(Part::Image(media_part(source, None, None)))
    }

    /// Adds a file, such as a PDF, to the last turn of the user (or begins one). The bytes stay in the host.
    #[must_use]
    pub fn file(
        self,
        bytes: impl Into<Bytes>,
        media_type: impl Into<String>,
        name: impl Into<String>,
    ) -> Self {
        self.media(bytes.into(), media_type.into(), Some(name.into()), Part::File)
    }

    /// Gives the bytes of a blob that a message names. A second one of the same id takes the place of the first.
    #[must_use]
    pub fn blob(mut self, id: impl Into<String>, bytes: impl Into<Bytes>) -> Self {
        self.blobs.insert(id.into(), bytes.into());
        self
    }

    /// Bounds the answer, in tokens.
    #[must_use]
    pub fn max_output_tokens(mut self, tokens: u64) -> Self {
        self.request.max_output_tokens = Some(tokens);
        self
    }

    /// Sets the temperature, 0 to 2 with most providers.
    #[must_use]
    pub fn temperature(mut self, temperature: f64) -> Self {
        self.request.temperature = Some(temperature.into());
        self
    }

    /// Offers a tool.
    #[must_use]
    pub fn tool(mut self, tool: Tool) -> Self {
        self.request.tools.push(tool);
        self
    }

    /// Offers a function; `parameters` is the JSON Schema of its arguments as text.
    #[must_use]
    pub fn function(
        self,
        name: impl Into<String>,
        description: impl Into<String>,
        parameters: impl Into<String>,
    ) -> Self {
        self.tool(Tool::Function(FunctionTool {
            name: name.into(),
            description: Some(description.into()),
            parameters: Some(parameters.into()),
            strict: None,
            cache: None,
        }))
    }

    /// Asks for JSON that fits a schema (JSON text), in every detail.
    #[must_use]
    pub fn json_schema(mut self, name: impl Into<String>, schema: impl Into<String>) -> Self {
        let (name, schema) = (Some(name.into()), schema.into());
        let output = JsonSchemaOutput { name, description: None, schema, strict: Some(true) };
        self.request.output = Some(Output::JsonSchema(output));
        self
    }

    /// Overrides the client's policy, field by field.
    #[must_use]
    pub fn policy(mut self, policy: Policy) -> Self {
        self.options.policy = Some(policy);
        self
    }

    /// Turns every warning into an error before anything is sent.
    #[must_use]
    pub fn strict(mut self, strict: bool) -> Self {
        self.options.strict = Some(strict);
        self
    }

    /// What the caller's own deadline leaves for this call. The sooner of it and the policy's `total_timeout_ms` ends it, and
    /// the error says which.
    #[must_use]
    pub fn timeout(mut self, timeout: Duration) -> Self {
        self.options.caller_timeout_ms = Some(u64::try_from(timeout.as_millis()).unwrap_or(u64::MAX >> 11));
        self
    }

    /// Names the call to a provider that honours idempotency keys; the same for every attempt.
    #[must_use]
    pub fn idempotency_key(mut self, key: impl Into<String>) -> Self {
        self.options.idempotency_key = Some(key.into());
        self
    }

    /// Keeps the bytes of a streamed answer while it runs, so that a snapshot in the middle of it can go on.
    #[must_use]
    pub fn resumable(mut self, resumable: bool) -> Self {
        self.options.resumable = Some(resumable);
        self
    }

    /// Keeps the call, so that another process can take it up: called with its snapshot before each attempt is sent and
    /// before each pause, and awaited by who reads the answer. Nothing is sent before it is done.
    ///
    /// Once taken up, the call tells again what its reader had not taken at that moment.
    ///
    /// When it fails the call ends with an error of kind `cancelled` that holds its words: a call that cannot be kept is
    /// not made. The time it takes counts for the deadlines of the call, and for no provider's silence.
    ///
    /// ```
    /// # use literllm_host::{Chat, Snapshot};
    /// async fn keep(snapshot: Snapshot) -> std::io::Result<()> {
    ///     std::fs::write("job.json", snapshot.to_json().map_err(std::io::Error::other)?)
    /// }
    /// let chat = Chat::new("openai/gpt-4o-mini").user("A long report, please").on_snapshot(keep);
    /// ```
    #[must_use]
    pub fn on_snapshot<F, K, E>(mut self, keep: F) -> Self
    where
        F: Fn(Snapshot) -> K + Send + Sync + 'static,
        K: Future<Output = Result<(), E>> + Send + 'static,
        E: Into<Box<dyn StdError + Send + Sync>>,
    {
        self.keep = Some(boxed(keep));
        self
    }

    pub(crate) fn into_parts(self) -> (Request, CallOptions, Blobs, Option<Keep>) {
        (self.request, self.options, self.blobs, self.keep)
    }

    fn media(
        mut self,
        bytes: Bytes,
        media_type: String,
        name: Option<String>,
        kind: fn(MediaPart) -> Part,
    ) -> Self {
        let names = (self.blobs.len() + 1..).map(|number| format!("blob-{number}"));
        let mut names = names.filter(|id| !self.blobs.contains_key(id));
        // Endless, so there always is one.
        let id = names.next().unwrap_or_default();
        let source = MediaSource::Blob(BlobSource { id: id.clone(), length: bytes.len() as u64 });
        self.blobs.insert(id, bytes);
        self.part(kind(media_part(source, Some(media_type), name)))
    }

    fn part(mut self, part: Part) -> Self {
        match self.request.messages.last_mut() {
            Some(message) if message.role == Role::User => message.content.push(part),
            _ => self.request.messages.push(Message { role: Role::User, content: vec![part], name: None }),
        }
        self
    }
}

impl From<Request> for Chat {
    fn from(request: Request) -> Self {
        Self { request, ..Self::default() }
    }
}

impl fmt::Debug for Chat {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // Lengths instead of megabytes.
        let blobs: Vec<(&String, usize)> = self.blobs.iter().map(|(id, bytes)| (id, bytes.len())).collect();
        f.debug_struct("Chat")
            .field("request", &self.request)
            .field("options", &self.options)
            .field("blobs", &blobs)
            .finish_non_exhaustive()
    }
}

fn media_part(source: MediaSource, media_type: Option<String>, name: Option<String>) -> MediaPart {
    MediaPart { source, media_type, name, detail: None, cache: None, provider_data: None }
}
