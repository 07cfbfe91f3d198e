//! Our request as the body of a message request.

use super::{PROTOCOL, messages};
use crate::json::write::JsonWriter;
use crate::protocol::body::{Body, Losses, cannot, refuse_kept_conversations};
use crate::protocol::{Encoded, Target};
use crate::types::{
    CacheBreakpoint, Error, Header, Output, ReasoningEffort, Request, Tool, ToolChoice, WarningKind,
};

/// The version of the API whose bytes are written and read here. A header of the request wins.
const VERSION: &str = "2023-06-01";

/// The API refuses a request without `max_tokens`. Its oldest models take no more than this.
const DEFAULT_MAX_TOKENS: u64 = 4096;

pub(super) fn encode(request: &Request, target: &Target) -> Result<Encoded, Error> {
    let mut losses = Losses::default();
    let streamed = request.stream == Some(true);
    refuse_impossible(request)?;
    let conversation = messages::read(&request.messages, target, &mut losses)?;
    let mut body = Body::begin(request, PROTOCOL, &mut losses);
    body.field("model", |json| json.string(&target.model));
    body.count("max_tokens", Some(max_tokens(request)));
    if !conversation.system.is_empty() {
        body.field("system", |json| conversation.write_system(json, target));
    }
    body.field("messages", |json| conversation.write_turns(json, target));
    if streamed {
        body.flag("stream", Some(true));
    }
    body.number("temperature", request.temperature.as_ref());
    body.number("top_p", request.top_p.as_ref());
    body.count("top_k", request.top_k.map(u64::from));
    body.strings("stop_sequences", &request.stop);
    tools(&mut body, request, &mut losses)?;
    thinking(&mut body, request, &mut losses);
    context(&mut body, request, &mut losses);
    left_out(request, &mut losses);

    let (body, body_length) = body.finish().finish();
    let accept = if streamed { "text/event-stream" } else { "application/json" };
    let mut headers = vec![("content-type", "application/json"), ("accept", accept)];
    if !request.headers.iter().any(|header| header.name == "anthropic-version") {
        headers.push(("anthropic-version", VERSION));
    }
    let header = |(name, value): (&str, &str)| Header { name: name.into(), value: value.into() };
    Ok(Encoded {
        method: "POST",
        url: format!("{}/messages", target.base_url),
        headers: headers.into_iter().map(header).collect(),
        body,
        body_length,
        warnings: losses.0,
    })
}

/// Thinking counts, and its budget must be smaller (Extended thinking, "max tokens").
fn max_tokens(request: &Request) -> u64 {
    let thinking = request.reasoning.as_ref().filter(|it| it.effort != Some(ReasoningEffort::None));
    let budget_tokens = thinking.and_then(|reasoning| reasoning.budget_tokens).unwrap_or_default();
    request.max_output_tokens.unwrap_or(budget_tokens.saturating_add(DEFAULT_MAX_TOKENS))
}

fn tools(body: &mut Body<'_>, request: &Request, losses: &mut Losses) -> Result<(), Error> {
    let allowed = match &request.tool_choice {
        Some(ToolChoice::Allowed(allowed)) => Some(allowed.names.as_slice()),
        _ => None,
    };
    let mut offered = Vec::with_capacity(request.tools.len());
    for (at, tool) in request.tools.iter().enumerate() {
        // The format cannot forbid a tool that is offered.
        if !losses.foreign_tool(PROTOCOL, at, tool) && !losses.unchosen_tool(PROTOCOL, at, tool, allowed) {
            if let Tool::Function(function) = tool {
                note_cache(&format!("tools[{at}]"), function.cache.as_ref(), losses);
            }
            offered.push(tool);
        }
    }
    body.refuse_choice_of_nothing(request, PROTOCOL, &offered)?;
    if !offered.is_empty() {
        body.field("tools", |json| json.list(|json| offered.iter().for_each(|tool| write_tool(json, tool))));
    }
    let one_at_a_time = request.parallel_tool_calls.map(|parallel| !parallel);
    let choice = match &request.tool_choice {
        None if one_at_a_time.is_none() || offered.is_empty() => return Ok(()),
        None | Some(ToolChoice::Auto) => "auto",
        Some(ToolChoice::None) => "none",
        Some(ToolChoice::Required) => "any",
        Some(ToolChoice::Tool(_)) => "tool",
        Some(ToolChoice::Allowed(allowed)) if allowed.required == Some(true) => "any",
        Some(ToolChoice::Allowed(_)) => "auto",
    };
    body.field("tool_choice", |json| {
        json.object(|json| {
            json.key("type").string(choice);
            if let Some(ToolChoice::Tool(chosen)) = &request.tool_choice {
                json.key("name").string(&chosen.name);
            }
            if let (Some(one_at_a_time), true) = (one_at_a_time, choice != "none") {
                json.key("disable_parallel_tool_use").boolean(one_at_a_time);
            }
        });
    });
    Ok(())
}

fn write_tool(json: &mut JsonWriter, tool: &Tool) {
    let function = match tool {
        Tool::Provider(tool) => return json.raw(&tool.definition),
        Tool::Function(function) => function,
    };
    json.object(|json| {
        json.key("name").string(&function.name);
        if let Some(description) = &function.description {
            json.key("description").string(description);
        }
        // A schema is not optional here.
        json.key("input_schema").raw(function.parameters.as_deref().unwrap_or(r#"{"type":"object"}"#));
        if let Some(strict) = function.strict {
            json.key("strict").boolean(strict);
        }
        write_cache(json, function.cache.as_ref());
    });
}

/// A breakpoint lives for five minutes or for an hour (Prompt caching, "cache duration").
fn lifetime(ttl_seconds: u32) -> (&'static str, u32) {
    if ttl_seconds > 300 { ("1h", 3600) } else { ("5m", 300) }
}

pub(super) fn note_cache(path: &str, cache: Option<&CacheBreakpoint>, losses: &mut Losses) {
    let Some(ttl_seconds) = cache.and_then(|cache| cache.ttl_seconds) else { return };
    let (name, sent) = lifetime(ttl_seconds);
    if sent != ttl_seconds {
        losses.add(
            WarningKind::Clamped,
            format!("{path}.cache.ttl_seconds"),
            format!("{PROTOCOL} keeps for 300 or 3600 seconds; sent as `{name}`"),
        );
    }
}

pub(super) fn write_cache(json: &mut JsonWriter, cache: Option<&CacheBreakpoint>) {
    let Some(cache) = cache else { return };
    json.key("cache_control").object(|json| {
        json.key("type").string("ephemeral");
        if let Some(ttl_seconds) = cache.ttl_seconds {
            json.key("ttl").string(lifetime(ttl_seconds).0);
        }
    });
}

/// Thinking, and the form of the answer: both have a part in `output_config`.
fn thinking(body: &mut Body<'_>, request: &Request, losses: &mut Losses) {
    let reasoning = request.reasoning.clone().unwrap_or_default();
    let effort = match reasoning.effort {
        None | Some(ReasoningEffort::None) => None,
        Some(ReasoningEffort::Minimal) => {
            losses.renamed("reasoning.effort", format!("{PROTOCOL} knows no `minimal`; sent as `low`"));
            Some("low")
        }
        Some(ReasoningEffort::Low) => Some("low"),
        Some(ReasoningEffort::Medium) => Some("medium"),
        Some(ReasoningEffort::High) => Some("high"),
        Some(ReasoningEffort::Xhigh) => Some("xhigh"),
        Some(ReasoningEffort::Max) => Some("max"),
    };
    let kind = match (reasoning.effort, reasoning.budget_tokens) {
        (Some(ReasoningEffort::None), _) => Some("disabled"),
        (_, Some(_)) => Some("enabled"),
        (Some(_), None) => Some("adaptive"),
        (None, None) => None,
    };
    if let Some(kind) = kind {
        body.field("thinking", |json| {
            json.object(|json| {
                json.key("type").string(kind);
                if let (Some(budget_tokens), "enabled") = (reasoning.budget_tokens, kind) {
                    json.key("budget_tokens").count(budget_tokens);
                }
                if reasoning.summary.is_some() && kind != "disabled" {
                    json.key("display").string("summarized");
                }
            });
        });
    }
    let idle = matches!(kind, None | Some("disabled"));
    match reasoning.summary.as_deref() {
        Some(summary) if idle => losses.dropped(
            "reasoning.summary",
            format!("`{summary}` means nothing while the model does not think"),
        ),
        None | Some("auto" | "summarized") => {}
        Some(summary) => losses
            .renamed("reasoning.summary", format!("{PROTOCOL} knows no `{summary}`; sent as `summarized`")),
    }
    if reasoning.budget_tokens.is_some() && idle {
        losses.dropped("reasoning.budget_tokens", "means nothing while the model does not think");
    }
    let schema = match &request.output {
        Some(Output::JsonSchema(output)) => {
            losses.bare_schema(PROTOCOL, output);
            Some(&output.schema)
        }
        Some(Output::JsonObject) => {
            losses.dropped("output", format!("{PROTOCOL} has no JSON mode; use `json_schema`"));
            None
        }
        _ => None,
    };
    if effort.is_some() || schema.is_some() {
        body.field("output_config", |json| {
            json.object(|json| {
                if let Some(effort) = effort {
                    json.key("effort").string(effort);
                }
                if let Some(schema) = schema {
                    json.key("format").object(|json| {
                        json.key("type").string("json_schema");
                        json.key("schema").raw(schema);
                    });
                }
            });
        });
    }
}

/// Who asks, and how the provider may treat it.
fn context(body: &mut Body<'_>, request: &Request, losses: &mut Losses) {
    let mut user = request.user.as_ref().or(request.safety_identifier.as_ref());
    if request.user.is_some() && request.safety_identifier.is_some() {
        losses.dropped(
            "safety_identifier",
            format!("{PROTOCOL} has one field for the end user; `user` is sent"),
        );
    }
    for (at, entry) in request.metadata.iter().enumerate() {
        if entry.key == "user_id" && user.is_none() {
            user = Some(&entry.value);
        } else {
            losses.dropped(format!("metadata[{at}]"), format!("{PROTOCOL} keeps only `user_id`"));
        }
    }
    if let Some(user) = user {
        body.field("metadata", |json| json.object(|json| json.key("user_id").string(user)));
    }
    body.text("service_tier", request.service_tier.as_ref());
}

/// What the format has no field for.
fn left_out(request: &Request, losses: &mut Losses) {
    let encrypted = request.reasoning.as_ref().and_then(|reasoning| reasoning.include_encrypted);
    losses.no_field(
        PROTOCOL,
        &[
            ("min_p", request.min_p.is_some()),
            ("frequency_penalty", request.frequency_penalty.is_some()),
            ("presence_penalty", request.presence_penalty.is_some()),
            ("seed", request.seed.is_some()),
            ("logit_bias", !request.logit_bias.is_empty()),
            ("logprobs", request.logprobs == Some(true)),
            ("top_logprobs", request.top_logprobs.is_some()),
            ("modalities", request.modalities.iter().any(|modality| modality != "text")),
            ("reasoning.include_encrypted", encrypted.is_some()),
            ("prompt_cache", request.prompt_cache.is_some()),
            ("store", request.store.is_some()),
            ("background", request.background == Some(true)),
        ],
    );
}

/// What the format cannot say and what must not be left out in silence.
fn refuse_impossible(request: &Request) -> Result<(), Error> {
    refuse_kept_conversations(PROTOCOL, request)?;
    if matches!(request.output, Some(Output::Grammar(_))) {
        return Err(cannot(PROTOCOL, "output", "knows no grammars; use `json_schema`"));
    }
    if request.n.is_some_and(|n| n > 1) {
        return Err(cannot(PROTOCOL, "n", "gives one answer; ask several times"));
    }
    Ok(())
}
