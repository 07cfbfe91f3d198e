//! A message in events: thinking with its signature, text, a call of a tool.

use super::{quoted, words};

/// One answer.
pub(super) fn generate() -> Vec<String> {
    let mut stream = Stream::default();
    stream.event(
        "message_start",
        r#","message":{"model":"claude-sonnet-4-5-20250929","id":"msg_01Xq7VtPbR4sKe81Lw6YfDhJ","type":"message","role":"assistant","content":[],"stop_reason":null,"stop_sequence":null,"usage":{"input_tokens":424,"cache_creation_input_tokens":0,"cache_read_input_tokens":0,"cache_creation":{"ephemeral_5m_input_tokens":0,"ephemeral_1h_input_tokens":0},"output_tokens":5,"service_tier":"standard","inference_geo":"not_available"}}"#,
    );
    stream.begin(0, r#"{"type":"thinking","thinking":"","signature":""}"#);
    stream.text.push_str("event: ping\ndata: {\"type\": \"ping\"}\n\n");
    for phrase in words::phrases(100) {
        stream.delta(0, "thinking_delta", "thinking", phrase);
    }
    stream.delta(0, "signature_delta", "signature", &words::noise(1, 640));
    stream.end(0);
    stream.begin(1, r#"{"type":"text","text":""}"#);
    for token in words::tokens(250) {
        stream.delta(1, "text_delta", "text", token);
    }
    stream.end(1);
    stream.begin(
        2,
        r#"{"type":"tool_use","id":"toolu_01Js4AMgy6rqTLhxUtvovu79","name":"look_up_tides","input":{},"caller":{"type":"direct"}}"#,
    );
    stream.delta(2, "input_json_delta", "partial_json", "");
    for piece in words::arguments() {
        stream.delta(2, "input_json_delta", "partial_json", piece);
    }
    stream.end(2);
    stream.event(
        "message_delta",
        r#","delta":{"stop_reason":"tool_use","stop_sequence":null},"usage":{"input_tokens":424,"cache_creation_input_tokens":0,"cache_read_input_tokens":0,"output_tokens":519}"#,
    );
    stream.event("message_stop", "");
    vec![stream.text]
}

#[derive(Default)]
struct Stream {
    text: String,
    count: usize,
}

impl Stream {
    /// The type stands first and once more as the event's name. Before the last bracket are some spaces, against those who
    /// measure lengths.
    fn event(&mut self, kind: &str, fields: &str) {
        self.count += 1;
        let spaces = " ".repeat(self.count * 7 % 16);
        self.text.push_str(&format!("event: {kind}\ndata: {{\"type\":\"{kind}\"{fields}{spaces}}}\n\n"));
    }

    fn begin(&mut self, index: usize, block: &str) {
        self.event("content_block_start", &format!(r#","index":{index},"content_block":{block}"#));
    }

    fn delta(&mut self, index: usize, kind: &str, field: &str, text: &str) {
        let text = quoted(text);
        let delta = format!(r#","index":{index},"delta":{{"type":"{kind}","{field}":{text}}}"#);
        self.event("content_block_delta", &delta);
    }

    fn end(&mut self, index: usize) {
        self.event("content_block_stop", &format!(r#","index":{index}"#));
    }
}
