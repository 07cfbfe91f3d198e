//! A client that sees the wire: raw bytes, chunk by chunk, and how the connection ended.

#![allow(dead_code, reason = "each test file uses its part")]

use std::io::ErrorKind;

use literllm_mock::{Config, FORMATS, Format, Mock};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

pub(crate) const PLAIN: &str =
    r#"{"model":"mock-small","messages":[{"role":"user","content":"Tell me of the sea"}]}"#;
pub(crate) const STREAM: &str = r#"{"model":"mock-small","messages":[{"role":"user","content":"Tell me of the sea"}],"stream":true,"stream_options":{"include_usage":true}}"#;

/// How one wire format is spoken to, and how it speaks.
#[derive(Debug)]
pub(crate) struct Wire {
    /// The name of its row in `FORMATS`.
    name: &'static str,
    /// Header lines that every request has.
    headers: &'static str,
    pub(crate) plain: &'static str,
    pub(crate) stream: &'static str,
    /// How a stream that has begun says that it failed.
    pub(crate) failure: &'static str,
    /// How many events that takes.
    pub(crate) failure_events: usize,
    /// What is in each event that has text in it, and in no other.
    pub(crate) text_mark: &'static str,
    /// The word for an answer that has come to its end.
    pub(crate) finish: &'static str,
    /// The last event.
    pub(crate) last: &'static str,
}

/// One row per format.
pub(crate) const WIRES: &[Wire] = &[
    Wire {
        name: "openai-chat",
        headers: "",
        plain: PLAIN,
        stream: STREAM,
        failure: "data: {\"error\":{",
        failure_events: 1,
        text_mark: "\"content\":\"",
        finish: "\"stop\"",
        last: "data: [DONE]\n\n",
    },
    Wire {
        name: "anthropic-messages",
        headers: "anthropic-version: 2023-06-01\r\n",
        plain: r#"{"model":"mock-small","max_tokens":500,"messages":[{"role":"user","content":"Tell me of the sea"}]}"#,
        stream: r#"{"model":"mock-small","max_tokens":500,"messages":[{"role":"user","content":"Tell me of the sea"}],"stream":true}"#,
        failure: "event: error\ndata: {\"type\":\"error\",\"error\":{",
        failure_events: 1,
        text_mark: "text_delta",
        finish: "\"end_turn\"",
        last: "event: message_stop\ndata: {\"type\":\"message_stop\"",
    },
    Wire {
        name: "cohere-chat",
        headers: "",
        plain: r#"{"model":"mock-small","messages":[{"role":"user","content":"Tell me of the sea"}]}"#,
        stream: r#"{"model":"mock-small","messages":[{"role":"user","content":"Tell me of the sea"}],"stream":true}"#,
        failure: "event: message-end\ndata: {\"type\":\"message-end\",\"delta\":{\"finish_reason\":\"ERROR\"",
        failure_events: 2,
        text_mark: "content-delta",
        finish: "\"COMPLETE\"",
        last: "data: [DONE]\n\n",
    },
];

impl Wire {
    pub(crate) fn format(&self) -> &'static Format {
        FORMATS.iter().find(|format| format.name == self.name).unwrap()
    }

    pub(crate) fn path(&self) -> String {
        format!("{}{}", self.format().base, self.format().path)
    }

    pub(crate) async fn chat(&self, mock: &Mock, headers: &str, body: &str) -> Heard {
        send(mock, &request("POST", &self.path(), &format!("{}{headers}", self.headers), body)).await
    }

    /// A chat that meets this fault.
    pub(crate) async fn faulty(&self, mock: &Mock, fault: &str, body: &str) -> Heard {
        self.chat(mock, &format!("x-mock-fault: {fault}\r\n"), body).await
    }
}

/// Everything that came before the connection ended.
#[derive(Debug)]
pub(crate) struct Heard {
    pub(crate) raw: Vec<u8>,
    /// `None` for a clean end.
    pub(crate) error: Option<ErrorKind>,
}

impl Heard {
    pub(crate) fn head(&self) -> String {
        String::from_utf8_lossy(&self.raw[..self.body_start().unwrap_or(self.raw.len())]).into_owned()
    }

    pub(crate) fn status(&self) -> u16 {
        self.head().split(' ').nth(1).and_then(|code| code.parse().ok()).unwrap_or(0)
    }

    pub(crate) fn header(&self, name: &str) -> Option<String> {
        let head = self.head();
        let mut fields = head.lines().skip(1).filter_map(|line| line.split_once(": "));
        fields.find(|(known, _)| known.eq_ignore_ascii_case(name)).map(|(_, value)| value.to_owned())
    }

    fn body_start(&self) -> Option<usize> {
        self.raw.windows(4).position(|window| window == b"\r\n\r\n").map(|place| place + 4)
    }

    /// The body as framed by its length, or what there is of it.
    pub(crate) fn body(&self) -> Vec<u8> {
        self.body_start().map(|start| self.raw[start..].to_vec()).unwrap_or_default()
    }

    pub(crate) fn text(&self) -> String {
        String::from_utf8_lossy(&self.body()).into_owned()
    }

    /// The chunks of a chunked body, and whether the closing chunk came.
    pub(crate) fn chunks(&self) -> (Vec<Vec<u8>>, bool) {
        assert_eq!(self.header("transfer-encoding").as_deref(), Some("chunked"), "{}", self.head());
        let (mut chunks, body) = (Vec::new(), self.body());
        let mut rest = &body[..];
        loop {
            let Some(line) = rest.windows(2).position(|window| window == b"\r\n") else {
                return (chunks, false);
            };
            let size = usize::from_str_radix(std::str::from_utf8(&rest[..line]).unwrap(), 16).unwrap();
            if size == 0 {
                return (chunks, true);
            }
            let start = line + 2;
            chunks.push(rest[start..start + size].to_vec());
            rest = &rest[start + size + 2..];
        }
    }

    /// The body of a stream, joined.
    pub(crate) fn streamed(&self) -> String {
        String::from_utf8_lossy(&self.chunks().0.concat()).into_owned()
    }
}

pub(crate) async fn start() -> Mock {
    Mock::start(Config::default()).await.unwrap()
}

/// A whole HTTP/1.1 request. `headers` are lines with their CRLF.
pub(crate) fn request(method: &str, path: &str, headers: &str, body: &str) -> String {
    format!(
        "{method} {path} HTTP/1.1\r\nhost: mock\r\nconnection: close\r\ncontent-length: {}\r\n{headers}\r\n{body}",
        body.len()
    )
}

pub(crate) async fn send(mock: &Mock, request: &str) -> Heard {
    let mut stream = TcpStream::connect(mock.addr()).await.unwrap();
    stream.write_all(request.as_bytes()).await.unwrap();
    let (mut raw, mut buffer) = (Vec::new(), vec![0; 64 * 1024]);
    loop {
        match stream.read(&mut buffer).await {
            Ok(0) => return Heard { raw, error: None },
            Ok(count) => raw.extend_from_slice(&buffer[..count]),
            Err(error) => return Heard { raw, error: Some(error.kind()) },
        }
    }
}

pub(crate) async fn chat(mock: &Mock, headers: &str, body: &str) -> Heard {
    send(mock, &request("POST", "/v1/chat/completions", headers, body)).await
}

/// A chat that meets this fault.
pub(crate) async fn faulty(mock: &Mock, fault: &str, body: &str) -> Heard {
    chat(mock, &format!("x-mock-fault: {fault}\r\n"), body).await
}

pub(crate) async fn get(mock: &Mock, path: &str) -> Heard {
    send(mock, &request("GET", path, "", "")).await
}
