//! Tools the model may call and the form its answer must have.

use serde::{Deserialize, Serialize};

use super::{CacheBreakpoint, Json};

/// Something the model may call.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(tag = "type", rename_all = "snake_case")]
pub enum Tool {
    /// A function of the caller.
    Function(FunctionTool),
    /// A tool the provider runs itself (search, code, computer).
    Provider(ProviderTool),
}

/// A function of the caller.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct FunctionTool {
    /// Name, in most formats `[a-zA-Z0-9_-]{1,64}`.
    pub name: String,
    /// What it does, for the model. Absent: none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub description: Option<String>,
    /// JSON Schema of its arguments. Absent: no arguments.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub parameters: Option<Json>,
    /// Hold the model to the schema. Absent: the provider's default.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub strict: Option<bool>,
    /// Cache the prompt up to and with this tool. Absent: no breakpoint here.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cache: Option<CacheBreakpoint>,
}

/// A tool the provider runs.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ProviderTool {
    /// The provider's name for it.
    pub name: String,
    /// Wire format the definition is written for.
    pub protocol: String,
    /// Its entry in the list of tools, as that format writes it.
    pub definition: Json,
}

/// Which tools the model may or must call.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(tag = "type", rename_all = "snake_case")]
pub enum ToolChoice {
    /// The model decides.
    Auto,
    /// No tool.
    None,
    /// At least one.
    Required,
    /// This one.
    Tool(ChosenTool),
    /// One of these.
    Allowed(AllowedTools),
}

/// A tool that must be called.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ChosenTool {
    /// Its name.
    pub name: String,
}

/// A subset of the offered tools.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct AllowedTools {
    /// Their names, at least one.
    #[serde(default)]
    pub names: Vec<String>,
    /// Whether one of them must be called. Absent: the model decides.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub required: Option<bool>,
}

/// The form the answer must have.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(tag = "type", rename_all = "snake_case")]
pub enum Output {
    /// Free text.
    Text,
    /// Some JSON object.
    JsonObject,
    /// JSON that fits a schema.
    JsonSchema(JsonSchemaOutput),
    /// Text that fits a grammar.
    Grammar(GrammarOutput),
}

/// JSON that fits a schema.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct JsonSchemaOutput {
    /// A name for it, in most formats `[a-zA-Z0-9_-]{1,64}`. Absent: `answer`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// What it is, for the model. Absent: none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub description: Option<String>,
    /// The JSON Schema.
    pub schema: Json,
    /// Hold the model to it in every detail. Absent: the provider's default.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub strict: Option<bool>,
}

/// Text that fits a grammar.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct GrammarOutput {
    /// Kind of grammar: `gbnf`, `lark`, `regex`.
    pub syntax: String,
    /// The grammar.
    pub definition: String,
}
