//! The first inputs of every target, from the vectors and from recorded answers: `corpus/TARGET/`.
//!
//! The recordings are those of `../shared/recorded`, or of the folder `recorded` in `LITERLLM_SHARED`. They are not
//! part of the project; without them this says so and goes on with the vectors.

use std::collections::BTreeMap;
use std::io::{BufRead, BufReader};
use std::path::{Path, PathBuf};

use literllm_fuzz::adapter::{self, FORMATS, Format};
use literllm_fuzz::input::Input;
use literllm_fuzz::life;
use serde_json::Value;

/// Longest body that becomes a seed. What long ones show beyond this is more of the same, and every run of the
/// fuzzer would pay for it.
const MAX_BODY_BYTES: usize = 4 << 10;

/// Longest stream that becomes a seed of `framing`, which has little to find in long ones.
const MAX_STREAM_BYTES: usize = 1 << 10;

type Failure = Box<dyn std::error::Error>;

fn main() -> Result<(), Failure> {
    let fuzz = Path::new(env!("CARGO_MANIFEST_DIR"));
    let project = fuzz.join("../..");
    let mut seeds = Seeds::default();
    for format in FORMATS {
        vectors(&project.join("tests/vectors").join(format.protocol), format, &mut seeds)?;
    }
    let shared = std::env::var_os("LITERLLM_SHARED").map_or(project.join("../shared"), PathBuf::from);
    match std::fs::read_dir(shared.join("recorded")) {
        Ok(entries) => {
            for entry in entries {
                let path = entry?.path();
                if path.to_string_lossy().ends_with(".jsonl.gz") {
                    recorded(&path, &mut seeds)?;
                }
            }
        }
        Err(_) => println!(
            "!!! no recordings at {} (LITERLLM_SHARED names another folder): the seeds are those of the vectors alone",
            shared.join("recorded").display()
        ),
    }
    seeds.write(&fuzz.join("corpus"))
}

/// Inputs by target and name.
#[derive(Default)]
struct Seeds(BTreeMap<&'static str, BTreeMap<String, Vec<u8>>>);

impl Seeds {
    fn add(&mut self, target: &'static str, name: String, input: Vec<u8>) {
        self.0.entry(target).or_default().insert(name, input);
    }

    /// An answer is a seed of its format's target, and of `framing` when it is a stream.
    fn answer(&mut self, format: &Format, name: &str, body: &[u8], streamed: bool, switches: u8) {
        if body.len() <= MAX_BODY_BYTES {
            self.add(format.target, name.to_owned(), Input::write(body, switches));
        }
        if streamed && body.len() <= MAX_STREAM_BYTES {
            self.add("framing", format!("{}-{name}", format.target), Input::write(body, 0));
        }
    }

    fn write(&self, corpus: &Path) -> Result<(), Failure> {
        for (target, inputs) in &self.0 {
            let folder = corpus.join(target);
            std::fs::create_dir_all(&folder)?;
            for (name, input) in inputs {
                std::fs::write(folder.join(name), input)?;
            }
            println!("{target:<20} {:>5} seeds", inputs.len());
        }
        Ok(())
    }
}

/// Every vector of a format: its answers one by one, and its whole story for `call`.
fn vectors(folder: &Path, format: &Format, seeds: &mut Seeds) -> Result<(), Failure> {
    let Ok(entries) = std::fs::read_dir(folder) else {
        println!("!!! no vectors of {} at {}", format.protocol, folder.display());
        return Ok(());
    };
    for entry in entries {
        let entry = entry?;
        let name = format!("vector-{}-{}", format.target, entry.file_name().to_string_lossy());
        let vector = Vector::read(&entry.path())?;
        for (attempt, body) in &vector.bodies {
            let head = vector.text(&numbered("head", *attempt, ".json"));
            let status = serde_json::from_slice::<Value>(head).map_or(200, |head| status(&head["status"]));
            let streamed = serde_json::from_slice::<Value>(vector.text("request.json"))
                .is_ok_and(|request| request["stream"] == true);
            let switches = adapter::switches(streamed, is_event_stream(head), status);
            seeds.answer(format, &format!("{name}-{attempt}"), body, streamed, switches);
        }
        let input = life::write(
            vector.text("request.json"),
            vector.text("options.json"),
            vector.text("config.json"),
            &vector.happenings(),
        );
        seeds.add("call", name, input);
    }
    Ok(())
}

/// The files of one vector.
struct Vector {
    files: BTreeMap<String, Vec<u8>>,
    /// By attempt.
    bodies: BTreeMap<usize, Vec<u8>>,
}

impl Vector {
    fn read(folder: &Path) -> Result<Self, Failure> {
        let (mut files, mut bodies) = (BTreeMap::new(), BTreeMap::new());
        for entry in std::fs::read_dir(folder)? {
            let path = entry?.path();
            let name = path.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
            let content = std::fs::read(&path)?;
            if let Some(rest) = name.strip_prefix("body") {
                let number = rest.trim_start_matches('-').split('.').next().unwrap_or_default();
                bodies.insert(number.parse().unwrap_or(1), content.clone());
            }
            files.insert(name, content);
        }
        Ok(Self { files, bodies })
    }

    fn text(&self, name: &str) -> &[u8] {
        self.files.get(name).map(Vec::as_slice).unwrap_or_default()
    }

    /// What happens to every attempt, a body in two pieces, and the wake before the next.
    fn happenings(&self) -> Vec<Vec<u8>> {
        let mut happenings = Vec::new();
        for attempt in 1.. {
            let head = self.files.get(&numbered("head", attempt, ".json"));
            let failure = self.files.get(&numbered("failure", attempt, ".json"));
            if head.is_none() && failure.is_none() {
                break;
            }
            if attempt > 1 {
                happenings.push(b"w*w".to_vec());
            }
            happenings.extend(head.map(|head| [b"h*1", head.as_slice()].concat()));
            if let Some(body) = self.bodies.get(&attempt) {
                let body: Vec<u8> = body.iter().copied().filter(|byte| *byte != life::BETWEEN).collect();
                let (first, second) = body.split_at(body.len() / 2);
                happenings.extend([first, second].map(|piece| [b"b*1", piece].concat()));
            }
            happenings.push(failure.map_or(b"e*1".to_vec(), |failure| [b"f*1", failure.as_slice()].concat()));
        }
        happenings
    }
}

/// `head.json`, `head-2.json`, and so on.
fn numbered(name: &str, attempt: usize, ending: &str) -> String {
    if attempt == 1 { format!("{name}{ending}") } else { format!("{name}-{attempt}{ending}") }
}

/// The recorded answers of one provider in our formats.
fn recorded(path: &Path, seeds: &mut Seeds) -> Result<(), Failure> {
    for line in BufReader::new(flate2::read::GzDecoder::new(std::fs::File::open(path)?)).lines() {
        let exchange: Value = serde_json::from_str(&line?)?;
        let format = FORMATS.iter().find(|format| exchange["api"] == format.api);
        let (Some(format), Some(body)) = (format, exchange["response"]["body_text"].as_str()) else {
            continue;
        };
        let response = &exchange["response"];
        let streamed = response["streaming"] == true;
        let head = response["headers"].to_string();
        let switches =
            adapter::switches(streamed, is_event_stream(head.as_bytes()), status(&response["status"]));
        let name = format!("recorded-{}", exchange["id"].as_str().unwrap_or_default());
        seeds.answer(format, &name, body.as_bytes(), streamed, switches);
    }
    Ok(())
}

fn status(value: &Value) -> u16 {
    value.as_u64().and_then(|status| u16::try_from(status).ok()).unwrap_or(200)
}

/// Whether the text of a head names the type; nothing else in a head does.
fn is_event_stream(head: &[u8]) -> bool {
    String::from_utf8_lossy(head).contains("text/event-stream")
}
