//! What a call costs here, beside the least that Rust needs for it. `cargo xtask bench rust` runs it.
//!
//! `bench --base-url URL --wakes-url URL [--rounds N] [--calls N]` against two simulators: one that writes ten events at
//! once, one that writes them one by one. In one process and on one thread the contenders take turns, after a warm-up; measured is
//! the CPU time of this process. One JSON line for each case, contender and round.
//!
//! The floor is reqwest with serde_json of every chunk and the smallest loop that cuts events out of a body. It checks
//! nothing, retries nothing and forgets all but the text.

#![allow(clippy::print_stdout, reason = "a program that prints")]

use std::future::Future;
use std::pin::Pin;

use literllm_host::types::Event;
use literllm_host::{Chat, Client, Engine};
use rustix::time::{ClockId, clock_gettime};
use serde_json::{Value, json};

const PROMPT: &str = "Tell me what you see.";
const CHUNKS: usize = 100;

type Failure = Box<dyn std::error::Error>;
type Asking = Pin<Box<dyn Future<Output = Result<String, Failure>>>>;
type Ask = Box<dyn Fn() -> Asking>;

struct Arguments {
    base_url: String,
    wakes_url: String,
    rounds: usize,
    calls: usize,
}

fn arguments() -> Result<Arguments, Failure> {
    let mut found = Arguments { base_url: String::new(), wakes_url: String::new(), rounds: 5, calls: 200 };
    let mut given = std::env::args().skip(1);
    while let Some(name) = given.next() {
        let value = given.next().ok_or_else(|| format!("{name} wants a value"))?;
        match name.as_str() {
            "--base-url" => found.base_url = value,
            "--wakes-url" => found.wakes_url = value,
            "--rounds" => found.rounds = value.parse()?,
            "--calls" => found.calls = value.parse()?,
            _ => {
                return Err(format!("{name} is not known: --base-url, --wakes-url, --rounds, --calls").into());
            }
        }
    }
    if found.base_url.is_empty() || found.wakes_url.is_empty() {
        return Err("--base-url and --wakes-url are needed; `cargo xtask bench rust` gives them".into());
    }
    Ok(found)
}

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Failure> {
    let arguments = arguments()?;
    // reqwest wants one, also for addresses without TLS.
    let _ = rustls::crypto::ring::default_provider().install_default();
    let http = reqwest::Client::builder().redirect(reqwest::redirect::Policy::none()).build()?;
    for (case, url) in
        [("plain", &arguments.base_url), ("bursts", &arguments.base_url), ("wakes", &arguments.wakes_url)]
    {
        let streamed = case != "plain";
        let client = |engine| Client::builder().engine(engine).base_url("openai", url.as_str()).build();
        let contenders: [(&str, Ask); 3] = [
            ("floor", floor(&http, url, streamed)),
            ("native", literllm(client(Engine::Native)?, streamed)),
            ("component", literllm(client(Engine::Component)?, streamed)),
        ];
        let calls = if streamed { (arguments.calls / 5).max(1) } else { arguments.calls };
        measure(case, &contenders, arguments.rounds, calls).await?;
    }
    Ok(())
}

async fn measure(case: &str, contenders: &[(&str, Ask)], rounds: usize, calls: usize) -> Result<(), Failure> {
    let mut said: Option<String> = None;
    for (name, ask) in contenders {
        for _ in 0..(calls / 10).max(5) {
            let text = ask().await?;
            if said.get_or_insert_with(|| text.clone()) != &text {
                return Err(format!("{case}: {name} does not give the text of the others: {text}").into());
            }
        }
    }
    for round in 0..rounds {
        for (contender, ask) in contenders {
            let before = cpu_us();
            for _ in 0..calls {
                ask().await?;
            }
            let per_call = (cpu_us() - before) / calls as f64;
            let mut line =
                json!({ "case": case, "contender": contender, "round": round, "cpu_us_per_call": per_call });
            if case != "plain" {
                line["cpu_us_per_chunk"] = json!(per_call / CHUNKS as f64);
            }
            println!("{line}");
        }
    }
    Ok(())
}

fn cpu_us() -> f64 {
    let used = clock_gettime(ClockId::ProcessCPUTime);
    used.tv_sec as f64 * 1e6 + used.tv_nsec as f64 / 1e3
}

fn floor(http: &reqwest::Client, base_url: &str, streamed: bool) -> Ask {
    let (http, url) = (http.clone(), format!("{base_url}/chat/completions"));
    Box::new(move || {
        let (http, url) = (http.clone(), url.clone());
        Box::pin(async move {
            let tokens = if streamed { CHUNKS } else { 20 };
            let mut body = json!({
                "model": format!("mock-tokens-{tokens}"),
                "messages": [{ "role": "user", "content": PROMPT }],
            });
            if streamed {
                body["stream"] = json!(true);
                body["stream_options"] = json!({ "include_usage": true });
            }
            let request = http.post(url).header("content-type", "application/json").body(body.to_string());
            let mut answer = request.send().await?;
            if !streamed {
                let body: Value = serde_json::from_slice(&answer.bytes().await?)?;
                return Ok(body["choices"][0]["message"]["content"].as_str().unwrap_or_default().to_owned());
            }
            let (mut text, mut rest) = (String::new(), Vec::new());
            while let Some(chunk) = answer.chunk().await? {
                rest.extend_from_slice(&chunk);
                let Some(end) = rest.iter().rposition(|byte| *byte == b'\n') else { continue };
                for line in rest[..end].split(|byte| *byte == b'\n') {
                    let Some(data) = line.strip_prefix(b"data: ").filter(|data| *data != b"[DONE]") else {
                        continue;
                    };
                    let chunk: Value = serde_json::from_slice(data)?;
                    text.push_str(chunk["choices"][0]["delta"]["content"].as_str().unwrap_or_default());
                }
                rest.drain(..=end);
            }
            Ok(text)
        })
    })
}

fn literllm(client: Client, streamed: bool) -> Ask {
    Box::new(move || {
        let client = client.clone();
        Box::pin(async move {
            if !streamed {
                return Ok(client.chat(Chat::new("openai/mock-tokens-20").user(PROMPT)).await?.text());
            }
            let mut stream = client.stream(Chat::new(format!("openai/mock-tokens-{CHUNKS}")).user(PROMPT))?;
            let mut text = String::new();
            while let Some(event) = stream.next().await {
                if let Event::TextDelta(delta) = event? {
                    text.push_str(&delta.text);
                }
            }
            Ok(text)
        })
    })
}
