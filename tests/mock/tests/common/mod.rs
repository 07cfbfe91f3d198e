//! A client that sees the wire: raw bytes, chunk by chunk, and how the connection ended.

#![allow(dead_code, reason = "each test file uses its part")]

use std::io::ErrorKind;

use literllm_mock::{Config, Mock};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

pub(crate) const PLAIN: &str =
    r#"{"model":"mock-small","messages":[{"role":"user","content":"Tell me of the sea"}]}"#;
pub(crate) const STREAM: &str = r#"{"model":"mock-small","messages":[{"role":"user","content":"Tell me of the sea"}],"stream":true,"stream_options":{"include_usage":true}}"#;

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
