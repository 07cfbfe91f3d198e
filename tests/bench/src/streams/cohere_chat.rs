//! Cohere's chat in events: an answer that thinks, speaks and names its sources, and one that plans and calls tools.

use super::{quoted, words};

/// Two answers.
pub(super) fn generate() -> Vec<String> {
    vec![grounded(), planned()]
}

/// Thinking, then text with citations.
fn grounded() -> String {
    let mut body = begin("c9217d7f-b8e5-4a9f-b643-d3b2f1139c70");
    let content = |body: &mut String, index: usize, kind: &str, message: &str| {
        event(body, kind, &format!(r#","index":{index},"delta":{{"message":{{"content":{message}}}}}"#));
    };
    content(&mut body, 0, "content-start", r#"{"type":"thinking","thinking":""}"#);
    for token in words::tokens(100) {
        content(&mut body, 0, "content-delta", &format!(r#"{{"thinking":{}}}"#, quoted(token)));
    }
    event(&mut body, "content-end", ",\"index\":0");
    content(&mut body, 1, "content-start", r#"{"type":"text","text":""}"#);
    for (at, token) in words::tokens(250).enumerate() {
        content(&mut body, 1, "content-delta", &format!(r#"{{"text":{}}}"#, quoted(token)));
        if at % 50 == 49 {
            let (index, start) = (at / 50, at * 4);
            let citation = format!(
                r#"{{"start":{start},"end":{},"text":"12 fathoms at low water","sources":[{{"type":"tool","id":"look_up_tides_4vvaqrb8p34fk:{index}","tool_output":{{"content":"Low water at Port Ellen: 12 fathoms, wind from the south-west"}}}}],"type":"TEXT_CONTENT"}}"#,
                start + 23
            );
            let delta = format!(r#","index":{index},"delta":{{"message":{{"citations":{citation}}}}}"#);
            event(&mut body, "citation-start", &delta);
            event(&mut body, "citation-end", &format!(",\"index\":{index}"));
        }
    }
    event(&mut body, "content-end", ",\"index\":1");
    end(body, "COMPLETE")
}

/// A plan, then two calls of tools.
fn planned() -> String {
    let mut body = begin("41ef6910-f7c9-4e91-be18-28243e3b9fd7");
    for token in words::tokens(60) {
        let delta = format!(r#","delta":{{"message":{{"tool_plan":{}}}}}"#, quoted(token));
        event(&mut body, "tool-plan-delta", &delta);
    }
    for (index, id) in ["look_up_tides_qd75j4wsbxkq", "look_up_tides_4vvaqrb8p34f"].iter().enumerate() {
        let call = |body: &mut String, kind: &str, call: &str| {
            event(body, kind, &format!(r#","index":{index},"delta":{{"message":{{"tool_calls":{call}}}}}"#));
        };
        let begun = format!(
            r#"{{"id":"{id}","type":"function","function":{{"name":"look_up_tides","arguments":""}}}}"#
        );
        call(&mut body, "tool-call-start", &begun);
        for piece in words::arguments() {
            let more = format!(r#"{{"function":{{"arguments":{}}}}}"#, quoted(piece));
            call(&mut body, "tool-call-delta", &more);
        }
        event(&mut body, "tool-call-end", &format!(",\"index\":{index}"));
    }
    end(body, "TOOL_CALL")
}

fn begin(id: &str) -> String {
    format!(
        "event: message-start\ndata: {{\"id\":\"{id}\",\"type\":\"message-start\",\"delta\":{{\"message\":{{\"role\":\"assistant\",\"content\":[],\"tool_plan\":\"\",\"tool_calls\":[],\"citations\":[]}}}}}}\n\n"
    )
}

fn end(mut body: String, reason: &str) -> String {
    let usage = r#"{"billed_units":{"input_tokens":135,"output_tokens":350},"tokens":{"input_tokens":1645,"output_tokens":362},"cached_tokens":1600}"#;
    let delta = format!(r#","delta":{{"finish_reason":"{reason}","usage":{usage}}}"#);
    event(&mut body, "message-end", &delta);
    body + "data: [DONE]\n\n"
}

/// The type stands first and once more as the event's name.
fn event(body: &mut String, kind: &str, fields: &str) {
    body.push_str(&format!("event: {kind}\ndata: {{\"type\":\"{kind}\"{fields}}}\n\n"));
}
