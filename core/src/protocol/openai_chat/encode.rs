//! Our request as the body of a chat completion.

use super::{PROTOCOL, messages};
use crate::json::write::JsonWriter;
use crate::protocol::body::{Body, Losses, cannot, refuse_kept_conversations};
use crate::protocol::{Encoded, Target};
use crate::types::{Error, Header, JsonSchemaOutput, Output, ReasoningEffort, Request, Tool, ToolChoice};

pub(super) fn encode(request: &Request, target: &Target) -> Result<Encoded, Error> {
    let mut losses = Losses::default();
    let streamed = request.stream == Some(true);
    refuse_impossible(request)?;
    let mut body = Body::begin(request, PROTOCOL, &mut losses);
    body.field("model", |json| json.string(&target.model));
    let mut failed = None;
    body.field("messages", |json| {
        failed = messages::write(json, &request.messages, target, &mut losses).err()
    });
    if let Some(error) = failed {
        return Err(error);
    }
    if streamed {
        body.flag("stream", Some(true));
        if target.quirks.stream_usage_option {
            body.field("stream_options", |json| json.object(|json| json.key("include_usage").boolean(true)));
        }
    }
    body.count(target.quirks.max_tokens_field, request.max_output_tokens);
    sampling(&mut body, request, target, &mut losses);
    tools(&mut body, request, &mut losses)?;
    output(&mut body, request);
    body.strings("modalities", &request.modalities);
    reasoning(&mut body, request, &mut losses);
    context(&mut body, request, &mut losses);

    let (body, body_length) = body.finish().finish();
    let accept = if streamed { "text/event-stream" } else { "application/json" };
    let header = |name: &str, value: &str| Header { name: name.into(), value: value.into() };
    Ok(Encoded {
        method: "POST",
        url: format!("{}{}", target.base_url, target.quirks.chat_path),
        headers: vec![header("content-type", "application/json"), header("accept", accept)],
        body,
        body_length,
        warnings: losses.0,
    })
}

fn sampling(body: &mut Body<'_>, request: &Request, target: &Target, losses: &mut Losses) {
    body.number("temperature", request.temperature.as_ref());
    body.number("top_p", request.top_p.as_ref());
    if target.quirks.top_k {
        body.count("top_k", request.top_k.map(u64::from));
        body.number("min_p", request.min_p.as_ref());
    } else {
        for (name, given) in [("top_k", request.top_k.is_some()), ("min_p", request.min_p.is_some())] {
            if given {
                losses.dropped(name, format!("{} does not take {name}", target.provider));
            }
        }
    }
    body.number("frequency_penalty", request.frequency_penalty.as_ref());
    body.number("presence_penalty", request.presence_penalty.as_ref());
    if let Some(seed) = request.seed {
        body.field("seed", |json| json.integer(seed));
    }
    body.strings("stop", &request.stop);
    if !request.logit_bias.is_empty() {
        body.field("logit_bias", |json| {
            json.object(|json| {
                request
                    .logit_bias
                    .iter()
                    .for_each(|entry| json.key(&entry.token.to_string()).raw(entry.bias.as_str()))
            });
        });
    }
    // Alternatives come only with the log probabilities themselves.
    body.flag("logprobs", request.logprobs.or(request.top_logprobs.map(|_| true)));
    body.count("top_logprobs", request.top_logprobs.map(u64::from));
    body.count("n", request.n.map(u64::from));
}

fn tools(body: &mut Body<'_>, request: &Request, losses: &mut Losses) -> Result<(), Error> {
    let mut offered = Vec::with_capacity(request.tools.len());
    for (at, tool) in request.tools.iter().enumerate() {
        if losses.foreign_tool(PROTOCOL, at, tool) {
            continue;
        }
        match tool {
            Tool::Function(function) if function.cache.is_some() => {
                losses.dropped(format!("tools[{at}].cache"), format!("{PROTOCOL} has no cache breakpoints"));
                offered.push(tool);
            }
            _ => offered.push(tool),
        }
    }
    body.refuse_choice_of_nothing(request, PROTOCOL, &offered)?;
    if !offered.is_empty() {
        body.field("tools", |json| json.list(|json| offered.iter().for_each(|tool| write_tool(json, tool))));
    }
    if let Some(choice) = &request.tool_choice {
        body.field("tool_choice", |json| write_tool_choice(json, choice));
    }
    body.flag("parallel_tool_calls", request.parallel_tool_calls);
    Ok(())
}

fn write_tool(json: &mut JsonWriter, tool: &Tool) {
    let function = match tool {
        Tool::Provider(tool) => return json.raw(&tool.definition),
        Tool::Function(function) => function,
    };
    json.object(|json| {
        json.key("type").string("function");
        json.key("function").object(|json| {
            json.key("name").string(&function.name);
            if let Some(description) = &function.description {
                json.key("description").string(description);
            }
            if let Some(parameters) = &function.parameters {
                json.key("parameters").raw(parameters);
            }
            if let Some(strict) = function.strict {
                json.key("strict").boolean(strict);
            }
        });
    });
}

fn write_tool_choice(json: &mut JsonWriter, choice: &ToolChoice) {
    let named = |json: &mut JsonWriter, name: &str| {
        json.object(|json| {
            json.key("type").string("function");
            json.key("function").object(|json| json.key("name").string(name));
        });
    };
    match choice {
        ToolChoice::Auto => json.string("auto"),
        ToolChoice::None => json.string("none"),
        ToolChoice::Required => json.string("required"),
        ToolChoice::Tool(chosen) => named(json, &chosen.name),
        ToolChoice::Allowed(allowed) => json.object(|json| {
            json.key("type").string("allowed_tools");
            json.key("allowed_tools").object(|json| {
                json.key("mode").string(if allowed.required == Some(true) { "required" } else { "auto" });
                json.key("tools").list(|json| allowed.names.iter().for_each(|name| named(json, name)));
            });
        }),
    }
}

fn output(body: &mut Body<'_>, request: &Request) {
    match &request.output {
        None | Some(Output::Text | Output::Grammar(_)) => {}
        Some(Output::JsonObject) => {
            body.field("response_format", |json| json.object(|json| json.key("type").string("json_object")));
        }
        Some(Output::JsonSchema(JsonSchemaOutput { name, description, schema, strict })) => {
            body.field("response_format", |json| {
                json.object(|json| {
                    json.key("type").string("json_schema");
                    json.key("json_schema").object(|json| {
                        json.key("name").string(name.as_deref().unwrap_or("answer"));
                        if let Some(description) = description {
                            json.key("description").string(description);
                        }
                        json.key("schema").raw(schema);
                        if let Some(strict) = strict {
                            json.key("strict").boolean(*strict);
                        }
                    });
                });
            });
        }
    }
}

fn reasoning(body: &mut Body<'_>, request: &Request, losses: &mut Losses) {
    let Some(reasoning) = &request.reasoning else { return };
    let effort = reasoning.effort.map(|effort| match effort {
        ReasoningEffort::None => "none",
        ReasoningEffort::Minimal => "minimal",
        ReasoningEffort::Low => "low",
        ReasoningEffort::Medium => "medium",
        ReasoningEffort::High => "high",
        ReasoningEffort::Xhigh => "xhigh",
        ReasoningEffort::Max => "max",
    });
    if let Some(effort) = effort {
        body.field("reasoning_effort", |json| json.string(effort));
    }
    for (name, given) in [
        ("budget_tokens", reasoning.budget_tokens.is_some()),
        ("summary", reasoning.summary.is_some()),
        ("include_encrypted", reasoning.include_encrypted.is_some()),
    ] {
        if given {
            losses.dropped(
                format!("reasoning.{name}"),
                format!("{PROTOCOL} has no field for it; use `effort`, or `extra`"),
            );
        }
    }
}

/// Caching, continuity, identity.
fn context(body: &mut Body<'_>, request: &Request, losses: &mut Losses) {
    if let Some(cache) = &request.prompt_cache {
        body.text("prompt_cache_key", cache.key.as_ref());
        body.text("prompt_cache_retention", cache.retention.as_ref());
    }
    body.flag("store", request.store);
    body.text("user", request.user.as_ref());
    body.text("safety_identifier", request.safety_identifier.as_ref());
    if !request.metadata.is_empty() {
        body.field("metadata", |json| {
            json.object(|json| {
                request.metadata.iter().for_each(|entry| json.key(&entry.key).string(&entry.value))
            });
        });
    }
    body.text("service_tier", request.service_tier.as_ref());
    if request.background == Some(true) {
        losses.dropped("background", format!("{PROTOCOL} has no background mode"));
    }
}

/// What the format cannot say and what must not be left out in silence.
fn refuse_impossible(request: &Request) -> Result<(), Error> {
    refuse_kept_conversations(PROTOCOL, request)?;
    if matches!(request.output, Some(Output::Grammar(_))) {
        return Err(cannot(
            PROTOCOL,
            "output",
            "knows no grammars; use `json_schema`, or `extra` for a server that does",
        ));
    }
    Ok(())
}
