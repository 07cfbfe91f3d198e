//! Reading a message request, and refusing one in Anthropic's words.
//!
//! A client is tested by what it is refused. Anthropic is the strictest of all: it refuses a field it does not
//! know, and says where in the way its validator does (`tools.0.custom.input_schema: Field required`).

use serde_json::Value;

use super::messages;
use crate::ask::{Ask, Output, Tool, ToolChoice, thoughts_for, thoughts_within};
use crate::errors::Refusal;
use crate::fields::{Bound, Fields, Type, Words};

/// A request: what all formats ask, and what only this one does.
#[derive(Debug)]
pub(crate) struct Request {
    pub(crate) ask: Ask,
    /// The breakpoints of the prompt cache.
    pub(crate) cache: Cache,
}

/// What `cache_control` asks for.
#[derive(Debug, Default)]
pub(crate) struct Cache {
    pub(crate) breakpoints: usize,
    /// Whether one of them lives for an hour.
    pub(crate) hour: bool,
}

/// Fields of a request, those behind beta headers included.
const FIELDS: &[&str] = &[
    "model",
    "max_tokens",
    "messages",
    "system",
    "stream",
    "stop_sequences",
    "temperature",
    "top_p",
    "top_k",
    "tools",
    "tool_choice",
    "thinking",
    "metadata",
    "service_tier",
    "cache_control",
    "container",
    "context_management",
    "inference_geo",
    "mcp_servers",
    "output_config",
    "output_format",
    "speed",
];

/// The smallest budget for thinking, in tokens.
const MIN_BUDGET_TOKENS: u64 = 1024;

/// Most breakpoints of the prompt cache.
const MAX_BREAKPOINTS: usize = 4;

/// Most tools that are `strict`.
const MAX_STRICT_TOOLS: usize = 20;

/// Most characters in the name of a tool.
const MAX_NAME_CHARS: usize = 128;

pub(super) const WORDS: Words = Words {
    item: |list, number| format!("{list}.{number}"),
    missing: |place| wrong(place, "Field required"),
    wrong_type: |place, expected, _| {
        let expected = match expected {
            Type::String => "a valid string",
            Type::Bool => "a valid boolean",
            Type::Integer => "a valid integer",
            Type::Number => "a valid number",
            Type::List => "a valid list",
            Type::Object => "a valid dictionary",
        };
        wrong(place, &format!("Input should be {expected}"))
    },
    out_of_range: |place, bound| match bound {
        Bound::Below { low } => wrong(place, &format!("Input should be greater than or equal to {low}")),
        Bound::Above { high, .. } => wrong(place, &format!("Input should be less than or equal to {high}")),
    },
};

/// A refusal of this place.
pub(super) fn wrong(place: &str, words: &str) -> Refusal {
    Refusal::at(place, format!("{place}: {words}"))
}

/// Reads a request body.
pub(crate) fn read(body: &[u8]) -> Result<Request, Refusal> {
    let body = serde_json::from_slice::<Value>(body).unwrap_or_default();
    let Some(fields) = Fields::body(&body, &WORDS) else {
        return Err(Refusal::bad("The request body is not valid JSON, or is no object"));
    };
    if let Some(name) = fields.names().find(|name| !FIELDS.contains(&name.as_str())) {
        return Err(wrong(name, "Extra inputs are not permitted"));
    }
    let model = fields.required_string("model")?;
    if model.is_empty() {
        return Err(wrong("model", "String should have at least 1 character"));
    }
    let max_tokens =
        fields.integer("max_tokens", 1, u64::MAX)?.ok_or_else(|| fields.missing("max_tokens"))?;
    let temperature = fields.number("temperature", 0.0, 1.0)?;
    // -1 is taken for "not set".
    fields.number("top_p", -1.0, 1.0)?;
    fields.number("top_k", -1.0, f64::INFINITY)?;
    let tools = tools(&fields)?;
    let tool_choice = tool_choice(&fields, &tools)?;
    let thinking = thinking(&fields, max_tokens)?;
    if thinking.has_budget {
        check_budget_fits(temperature, &tool_choice)?;
    }
    let conversation = messages::read(&fields, thinking.has_budget)?;
    let mut cache = Cache::default();
    find_cache(&body, &mut cache);
    if cache.breakpoints > MAX_BREAKPOINTS {
        let found = cache.breakpoints;
        return Err(Refusal::bad(format!(
            "A maximum of {MAX_BREAKPOINTS} blocks with cache_control may be provided. Found {found}."
        )));
    }
    let one_at_a_time = match fields.object("tool_choice")? {
        Some(choice) => choice.bool("disable_parallel_tool_use")?,
        None => None,
    };
    let ask = Ask {
        model: model.to_owned(),
        messages: conversation.messages,
        documents: conversation.documents,
        stream: fields.bool("stream")?.unwrap_or(false),
        max_tokens: Some(max_tokens),
        tools,
        tool_choice,
        parallel_tool_calls: one_at_a_time != Some(true),
        plans: true,
        output: output(&fields)?,
        stop: stop(&fields)?,
        thoughts: thinking.sentences,
        seed: 0,
    };
    Ok(Request { ask, cache })
}

fn tools(fields: &Fields<'_>) -> Result<Vec<Tool>, Refusal> {
    let (mut tools, mut names, mut strict) = (Vec::new(), Vec::new(), 0);
    for tool in fields.objects("tools")? {
        let kind = tool.string("type")?;
        let name = tool.required_string("name");
        if kind.is_some_and(|kind| kind != "custom") {
            // A tool that the provider runs, or whose schema it knows. The simulator calls none of them.
            names.push(name.unwrap_or_default());
            continue;
        }
        let at = |field: &str| format!("{}.custom.{field}", tool.place());
        let name = name.map_err(|_| wrong(&at("name"), "Field required"))?;
        let is_of_a_name = |c: char| c.is_ascii_alphanumeric() || matches!(c, '_' | '-');
        if name.is_empty() || name.len() > MAX_NAME_CHARS || !name.chars().all(is_of_a_name) {
            return Err(wrong(&at("name"), "String should match pattern '^[a-zA-Z0-9_-]{1,128}$'"));
        }
        let schema = tool.get("input_schema").ok_or_else(|| wrong(&at("input_schema"), "Field required"))?;
        match schema.get("type") {
            Some(kind) if kind == "object" => {}
            Some(_) => return Err(wrong(&at("input_schema.type"), "Input should be 'object'")),
            None => return Err(wrong(&at("input_schema.type"), "Field required")),
        }
        if names.contains(&name) {
            return Err(wrong("tools", "Tool names must be unique."));
        }
        strict += usize::from(tool.bool("strict")? == Some(true));
        names.push(name);
        tools.push(Tool { name: name.to_owned(), parameters: schema.clone() });
    }
    if strict > MAX_STRICT_TOOLS {
        return Err(Refusal::at(
            "tools",
            format!(
                "Too many strict tools ({strict}). The maximum number of strict tools supported is {MAX_STRICT_TOOLS}. \
                 Try reducing the number of tools marked as strict."
            ),
        ));
    }
    Ok(tools)
}

fn tool_choice(fields: &Fields<'_>, tools: &[Tool]) -> Result<ToolChoice, Refusal> {
    let Some(choice) = fields.object("tool_choice")? else { return Ok(ToolChoice::Auto) };
    if fields.list("tools")?.is_none_or(Vec::is_empty) {
        return Err(wrong("tool_choice", "tool_choice may only be specified while providing tools"));
    }
    Ok(match choice.required_string("type")? {
        "auto" => ToolChoice::Auto,
        "none" => ToolChoice::None,
        "any" => ToolChoice::Required,
        "tool" => {
            let name = choice.required_string("name")?;
            if !tools.iter().any(|tool| tool.name == name) {
                return Err(wrong("tool_choice", &format!("Tool '{name}' not found in provided tools")));
            }
            ToolChoice::Named(name.to_owned())
        }
        other => return Err(tag(choice.place(), other, &["any", "auto", "none", "tool"])),
    })
}

/// A `type` that none of the known ones is.
pub(super) fn tag(place: &str, found: &str, known: &[&str]) -> Refusal {
    let known = known.join("', '");
    wrong(
        place,
        &format!("Input tag '{found}' found using 'type' does not match any of the expected tags: '{known}'"),
    )
}

/// What `thinking` and the effort ask for.
struct Thinking {
    /// Whether it has a fixed budget, which comes with rules that adaptive thinking does not have.
    has_budget: bool,
    sentences: Option<usize>,
}

fn thinking(fields: &Fields<'_>, max_tokens: u64) -> Result<Thinking, Refusal> {
    let without_budget = |sentences| Thinking { has_budget: false, sentences };
    let Some(thinking) = fields.object("thinking")? else { return Ok(without_budget(None)) };
    let effort = match fields.object("output_config")? {
        Some(config) => config.string("effort")?,
        None => None,
    };
    match thinking.required_string("type")? {
        "disabled" => Ok(without_budget(Some(0))),
        "adaptive" => Ok(without_budget(Some(thoughts_for(effort.unwrap_or_default())))),
        "enabled" => {
            let name = "budget_tokens";
            let budget = thinking.integer(name, MIN_BUDGET_TOKENS, u64::MAX)?;
            let budget = budget
                .ok_or_else(|| wrong(&format!("{}.enabled.{name}", thinking.place()), "Field required"))?;
            if budget >= max_tokens {
                return Err(Refusal::at(
                    thinking.at(name),
                    "`max_tokens` must be greater than `thinking.budget_tokens`. Please consult our documentation at \
                     https://docs.claude.com/en/docs/build-with-claude/extended-thinking#max-tokens-and-context-window-size",
                ));
            }
            let sentences = effort.map_or_else(|| thoughts_within(budget), thoughts_for);
            Ok(Thinking { has_budget: true, sentences: Some(sentences) })
        }
        other => Err(tag(thinking.place(), other, &["adaptive", "disabled", "enabled"])),
    }
}

/// What cannot be asked of a model that thinks within a budget.
fn check_budget_fits(temperature: Option<f64>, tool_choice: &ToolChoice) -> Result<(), Refusal> {
    if matches!(tool_choice, ToolChoice::Required | ToolChoice::Named(_)) {
        return Err(Refusal::at(
            "tool_choice",
            "Thinking may not be enabled when tool_choice forces tool use.",
        ));
    }
    if temperature.is_some_and(|temperature| temperature != 1.0) {
        return Err(Refusal::at(
            "temperature",
            "`temperature` may only be set to 1 when thinking is enabled.",
        ));
    }
    Ok(())
}

/// `output_config.format`, or `output_format` as it was called before.
fn output(fields: &Fields<'_>) -> Result<Output, Refusal> {
    let format = match fields.object("output_config")? {
        Some(config) => config.object("format")?,
        None => None,
    };
    let Some(format) = format.map_or_else(|| fields.object("output_format"), |format| Ok(Some(format)))?
    else {
        return Ok(Output::Text);
    };
    match format.required_string("type")? {
        "json_schema" => {
            let schema = format.get("schema").ok_or_else(|| format.missing("schema"))?;
            Ok(Output::Schema(schema.clone()))
        }
        other => Err(tag(format.place(), other, &["json_schema"])),
    }
}

fn stop(fields: &Fields<'_>) -> Result<Vec<String>, Refusal> {
    let stop = fields.strings("stop_sequences")?;
    if stop.iter().any(|stop| stop.trim().is_empty()) {
        return Err(wrong("stop_sequences", "each stop sequence must contain non-whitespace"));
    }
    Ok(stop)
}

/// Counts `cache_control` wherever it stands. Schemas and inputs are the client's own, but no object of theirs that
/// has the name and is an object itself is worth telling apart.
fn find_cache(value: &Value, cache: &mut Cache) {
    match value {
        Value::Object(object) => {
            for (name, value) in object {
                if name == "cache_control" && value.is_object() {
                    cache.breakpoints += 1;
                    cache.hour |= value.get("ttl").is_some_and(|ttl| ttl == "1h");
                } else {
                    find_cache(value, cache);
                }
            }
        }
        Value::Array(list) => list.iter().for_each(|value| find_cache(value, cache)),
        _ => {}
    }
}
