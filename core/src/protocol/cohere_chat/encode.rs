//! Our request as the body of a chat request.

use super::{PROTOCOL, messages};
use crate::json::write::JsonWriter;
use crate::protocol::body::{Body, Losses, cannot, refuse_kept_conversations};
use crate::protocol::{Encoded, Target};
use crate::types::{Error, FunctionTool, Header, Output, ReasoningEffort, Request, Tool, ToolChoice};

pub(super) fn encode(request: &Request, target: &Target) -> Result<Encoded, Error> {
    let mut losses = Losses::default();
    let streamed = request.stream == Some(true);
    refuse_impossible(request)?;
    let conversation = messages::read(&request.messages, target, &mut losses)?;
    let mut body = Body::begin(request, PROTOCOL, &mut losses);
    body.field("model", |json| json.string(&target.model));
    body.field("messages", |json| conversation.write_messages(json, target));
    if !conversation.documents.is_empty() {
        body.field("documents", |json| conversation.write_documents(json));
    }
    // The field is not optional in the API's own description.
    body.flag("stream", Some(streamed));
    body.count("max_tokens", request.max_output_tokens);
    body.number("temperature", request.temperature.as_ref());
    body.number("p", request.top_p.as_ref());
    body.count("k", request.top_k.map(u64::from));
    body.number("frequency_penalty", request.frequency_penalty.as_ref());
    body.number("presence_penalty", request.presence_penalty.as_ref());
    if let Some(seed) = request.seed {
        body.field("seed", |json| json.integer(seed));
    }
    body.strings("stop_sequences", &request.stop);
    body.flag("logprobs", request.logprobs);
    tools(&mut body, request, &mut losses)?;
    output(&mut body, request, &mut losses);
    thinking(&mut body, request, &mut losses);
    left_out(request, &mut losses);

    let (body, body_length) = body.finish().finish();
    let accept = if streamed { "text/event-stream" } else { "application/json" };
    let header = |name: &str, value: &str| Header { name: name.into(), value: value.into() };
    Ok(Encoded {
        method: "POST",
        url: format!("{}/chat", target.base_url),
        headers: vec![header("content-type", "application/json"), header("accept", accept)],
        body,
        body_length,
        warnings: losses.0,
    })
}

/// The format knows `REQUIRED` and `NONE`; a choice among tools can only be made by leaving the others out.
fn tools(body: &mut Body<'_>, request: &Request, losses: &mut Losses) -> Result<(), Error> {
    let (allowed, choice) = match &request.tool_choice {
        None | Some(ToolChoice::Auto) => (None, None),
        Some(ToolChoice::None) => (None, Some("NONE")),
        Some(ToolChoice::Required) => (None, Some("REQUIRED")),
        Some(ToolChoice::Tool(chosen)) => (Some(std::slice::from_ref(&chosen.name)), Some("REQUIRED")),
        Some(ToolChoice::Allowed(allowed)) => {
            (Some(allowed.names.as_slice()), (allowed.required == Some(true)).then_some("REQUIRED"))
        }
    };
    let mut offered = Vec::with_capacity(request.tools.len());
    for (at, tool) in request.tools.iter().enumerate() {
        if losses.foreign_tool(PROTOCOL, at, tool) || losses.unchosen_tool(PROTOCOL, at, tool, allowed) {
            continue;
        }
        if let Tool::Function(FunctionTool { cache: Some(_), .. }) = tool {
            losses.dropped(format!("tools[{at}].cache"), format!("{PROTOCOL} has no cache breakpoints"));
        }
        offered.push(tool);
    }
    body.refuse_choice_of_nothing(request, PROTOCOL, &offered)?;
    if !offered.is_empty() {
        body.field("tools", |json| json.list(|json| offered.iter().for_each(|tool| write_tool(json, tool))));
        strict(body, &offered, losses);
    }
    if let Some(choice) = choice {
        body.field("tool_choice", |json| json.string(choice));
    }
    if request.parallel_tool_calls == Some(false) {
        losses.dropped("parallel_tool_calls", format!("{PROTOCOL} cannot forbid several calls at once"));
    }
    Ok(())
}

/// One switch holds for all tools.
fn strict(body: &mut Body<'_>, offered: &[&Tool], losses: &mut Losses) {
    let strict = |tool: &&Tool| match tool {
        Tool::Function(function) => function.strict,
        Tool::Provider(_) => None,
    };
    let wanted = offered.iter().any(|tool| strict(tool) == Some(true));
    if wanted && offered.iter().any(|tool| strict(tool) == Some(false)) {
        losses.renamed("tools", format!("{PROTOCOL} has one switch for all tools; all of them are strict"));
    }
    let said = offered.iter().any(|tool| strict(tool).is_some());
    body.flag("strict_tools", said.then_some(wanted));
}

fn write_tool(json: &mut JsonWriter, tool: &Tool) {
    let function = match tool {
        Tool::Provider(tool) => return json.raw(&tool.definition),
        Tool::Function(function) => function,
    };
    json.typed("function", |json| {
        json.key("function").object(|json| {
            json.key("name").string(&function.name);
            if let Some(description) = &function.description {
                json.key("description").string(description);
            }
            // A schema is not optional here.
            json.key("parameters").raw(function.parameters.as_deref().unwrap_or(r#"{"type":"object"}"#));
        });
    });
}

fn output(body: &mut Body<'_>, request: &Request, losses: &mut Losses) {
    let schema = match &request.output {
        Some(Output::JsonObject) => None,
        Some(Output::JsonSchema(output)) => {
            losses.bare_schema(PROTOCOL, output);
            Some(&output.schema)
        }
        None | Some(Output::Text | Output::Grammar(_)) => return,
    };
    body.field("response_format", |json| {
        json.typed("json_object", |json| {
            if let Some(schema) = schema {
                json.key("json_schema").raw(schema);
            }
        });
    });
}

fn thinking(body: &mut Body<'_>, request: &Request, losses: &mut Losses) {
    let Some(reasoning) = &request.reasoning else { return };
    let kind = match (reasoning.effort, reasoning.budget_tokens) {
        (Some(ReasoningEffort::None), _) => Some("disabled"),
        (Some(_), budget_tokens) => {
            let instead = if budget_tokens.is_some() { "the budget is sent" } else { "sent as `enabled`" };
            losses
                .renamed("reasoning.effort", format!("{PROTOCOL} knows a budget and no efforts; {instead}"));
            Some("enabled")
        }
        (None, Some(_)) => Some("enabled"),
        (None, None) => None,
    };
    if let Some(kind) = kind {
        body.field("thinking", |json| {
            json.typed(kind, |json| {
                if let (Some(budget_tokens), "enabled") = (reasoning.budget_tokens, kind) {
                    json.key("token_budget").count(budget_tokens);
                }
            });
        });
    }
    losses.no_field(
        PROTOCOL,
        &[
            ("reasoning.budget_tokens", reasoning.budget_tokens.is_some() && kind == Some("disabled")),
            ("reasoning.summary", reasoning.summary.is_some()),
            ("reasoning.include_encrypted", reasoning.include_encrypted.is_some()),
        ],
    );
}

/// What the format has no field for.
fn left_out(request: &Request, losses: &mut Losses) {
    losses.no_field(
        PROTOCOL,
        &[
            ("min_p", request.min_p.is_some()),
            ("logit_bias", !request.logit_bias.is_empty()),
            ("top_logprobs", request.top_logprobs.is_some()),
            ("modalities", request.modalities.iter().any(|modality| modality != "text")),
            ("prompt_cache", request.prompt_cache.is_some()),
            ("store", request.store.is_some()),
            ("background", request.background == Some(true)),
            ("user", request.user.is_some()),
            ("safety_identifier", request.safety_identifier.is_some()),
            ("metadata", !request.metadata.is_empty()),
            ("service_tier", request.service_tier.is_some()),
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
