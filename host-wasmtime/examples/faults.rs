//! Plays fault scripts to the simulator and prints what came of each.
//!
//! `faults ADDRESS component|native`, the address of `literllm mock --scripts`. One line of JSON for each script, as
//! `tests/faults/README.md` tells. What every host prints must be the same decisions.

#![allow(clippy::print_stdout, reason = "a program that prints")]

use std::io::{Read, Write};
use std::net::TcpStream;

use futures_util::StreamExt;
use literllm_faults::line::{CallLine, Line};
use literllm_host::types::{CallOptions, ClientConfig, Event, Notice, Request};
use literllm_host::{Answer, Chat, Client, Engine, Error};
use serde::Deserialize;

/// Scripts played together: most of their time is spent waiting.
const AT_A_TIME: usize = 8;

#[derive(Deserialize)]
struct Script {
    script: String,
    seed: u64,
    config: ClientConfig,
    calls: Vec<Call>,
}

#[derive(Deserialize)]
struct Call {
    request: Request,
    options: CallOptions,
    #[serde(default)]
    cancel: String,
}

#[tokio::main]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let (address, engine) = match arguments.as_slice() {
        [address, engine] if engine == "component" => (address, Engine::Component),
        [address, engine] if engine == "native" => (address, Engine::Native),
        _ => return Err("usage: faults ADDRESS component|native".into()),
    };
    let scripts: Vec<Script> = serde_json::from_str(&told(address)?)?;
    let mut lines =
        futures_util::stream::iter(scripts).map(|script| play(script, engine)).buffer_unordered(AT_A_TIME);
    while let Some(line) = lines.next().await {
        println!("{}", serde_json::to_string(&line?)?);
    }
    Ok(())
}

/// What the simulator tells of its scripts, in so few words that no HTTP client is needed.
fn told(address: &str) -> std::io::Result<String> {
    let mut connection = TcpStream::connect(address.trim_start_matches("http://"))?;
    connection.write_all(b"GET /faults HTTP/1.0\r\nhost: localhost\r\n\r\n")?;
    let mut answer = String::new();
    connection.read_to_string(&mut answer)?;
    Ok(answer.split_once("\r\n\r\n").map(|(_, body)| body.to_owned()).unwrap_or_default())
}

/// One client, its calls one after the other.
async fn play(script: Script, engine: Engine) -> Result<Line, Error> {
    let seed = script.seed;
    let client = Client::builder().engine(engine).config(script.config).seed(move || seed).build()?;
    let mut calls = Vec::new();
    for one in script.calls {
        calls.push(call(&client, one).await);
    }
    Ok(Line { script: script.script, calls })
}

async fn call(client: &Client, call: Call) -> CallLine {
    let streamed = call.request.stream == Some(true);
    let mut chat = Chat::from(call.request);
    chat.options = call.options;
    if !streamed {
        return line(client.chat(chat).await, &[]);
    }
    let mut stream = match client.stream(chat) {
        Ok(stream) => stream,
        Err(error) => return line(Err(error), &[]),
    };
    let mut notices = Vec::new();
    while let Some(Ok(event)) = stream.next().await {
        let gives_up = match &event {
            Event::TextDelta(_) => call.cancel == "first_delta",
            Event::Notice(event) => {
                notices.push(event.notice.clone());
                call.cancel == "wait" && !matches!(event.notice, Notice::Fallback(_))
            }
            _ => false,
        };
        if gives_up {
            stream.cancel();
        }
    }
    line(stream.finish().await, &notices)
}

/// What came of a call.
fn line(end: Result<Answer, Error>, notices: &[Notice]) -> CallLine {
    match end {
        Ok(answer) => CallLine::answered(&answer.response, &answer.report, notices),
        Err(error) => CallLine::failed(&error.detail, error.report.as_ref(), notices),
    }
}
