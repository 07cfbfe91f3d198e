//! A script: a TOML file, and what is made of it for the simulator and for those who play it.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use literllm_mock::{FORMATS, Scripted, Step, Turn};
use serde::Deserialize;
use serde_json::{Map, Value, json};

/// Where the scripts of the project are.
pub fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).to_owned()
}

/// The variable that holds a key, by its slot. Runners are started with these set: their values are no secrets.
pub fn key_env(slot: usize) -> String {
    format!("FAULTS_KEY_{slot}")
}

/// The value of that variable.
pub fn key(slot: usize) -> String {
    format!("faults-key-{slot}")
}

/// A variable that is never set.
pub const ABSENT_KEY_ENV: &str = "FAULTS_KEY_ABSENT";

/// Backoff of a policy that says nothing of it: short, since hosts play scripts in real time.
const BACKOFF_BASE_MS: u64 = 40;
const BACKOFF_CAP_MS: u64 = 80;

/// Slots whose variables are set.
pub const KEYS: usize = 4;

/// One script.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Script {
    /// `group/name`: where it lies.
    #[serde(skip)]
    pub name: String,
    /// What it shows, in one sentence.
    pub about: String,
    /// Whom every call asks, unless it says otherwise.
    #[serde(default = "usual_model")]
    pub model: String,
    /// Whether calls are streamed, unless they say otherwise.
    #[serde(default = "yes")]
    pub stream: bool,
    /// The only source of chance, the same for every call.
    #[serde(default = "usual_seed")]
    pub seed: u64,
    /// Which clocks can play it.
    #[serde(default)]
    pub clock: Clock,
    /// What the requests meet, in order, whichever call sends them.
    pub answers: Vec<Reply>,
    /// The client's policy.
    #[serde(default)]
    pub policy: Map<String, Value>,
    /// The client's guards.
    #[serde(default)]
    pub guards: Map<String, Value>,
    /// Options of every call.
    #[serde(default)]
    pub options: Map<String, Value>,
    /// Fields of every request, beside the model, the messages and `stream`.
    #[serde(default)]
    pub request: Map<String, Value>,
    /// Providers that are not reached in the usual way.
    #[serde(default)]
    pub provider: Vec<Provider>,
    /// The calls, one after the other. None: one.
    #[serde(default)]
    pub call: Vec<Call>,
    /// What must come of each call.
    pub expect: Vec<Expect>,
}

/// Which clocks can play a script.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Clock {
    /// The virtual and the real one.
    #[default]
    Any,
    /// The virtual one: not every host can bring it about, or tell it.
    Virtual,
}

/// An answer: a step of the simulator, or a table with more.
#[derive(Debug, Clone, Deserialize)]
#[serde(untagged)]
pub enum Reply {
    /// `ok`, or a fault.
    Step(String),
    /// A step with headers, a body, demands.
    Table(Table),
}

/// A step with more.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Table {
    /// `ok`, or a fault.
    step: String,
    /// Headers of the answer.
    #[serde(default)]
    headers: BTreeMap<String, String>,
    /// The body of the answer.
    body: Option<String>,
    /// Headers that the request must carry.
    #[serde(default)]
    wants: BTreeMap<String, String>,
    /// The slot whose key the request must carry.
    key: Option<usize>,
}

/// How a provider is reached.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Provider {
    /// Its row.
    pub id: String,
    /// Its wire format, where the registry does not know it.
    pub protocol: Option<String>,
    /// Keys beside the first.
    #[serde(default)]
    pub spare_keys: usize,
    /// Slots whose key is not set.
    #[serde(default)]
    pub absent_keys: Vec<usize>,
    /// Header in which it honours an idempotency key.
    pub idempotency_header: Option<String>,
    /// What becomes of every connection to it. Absent: it stands.
    pub reach: Option<Reach>,
}

/// Why there is no connection.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Reach {
    /// Nobody listens.
    Refused,
    /// The other side does not speak TLS.
    Tls,
    /// It stands too late.
    ConnectTimeout,
}

/// One call.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Call {
    /// Another model than the script's.
    pub model: Option<String>,
    /// Streamed or not, other than the script's.
    pub stream: Option<bool>,
    /// Options in the place of the script's.
    pub options: Option<Map<String, Value>>,
    /// When the caller gives up. Absent: never.
    pub cancel: Option<Cancel>,
}

/// When a caller gives up.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Cancel {
    /// At the first piece of text.
    FirstDelta,
    /// At the first notice of a pause.
    Wait,
}

impl Cancel {
    /// As runners are told.
    pub fn word(self) -> &'static str {
        match self {
            Self::FirstDelta => "first_delta",
            Self::Wait => "wait",
        }
    }
}

/// What must come of a call. What is absent here must be absent there, unless its line says otherwise.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Expect {
    /// `response`, or the kind of the error.
    pub outcome: String,
    /// The text of the answer, or what had come of it. Absent: any, the same in every host.
    pub text: Option<String>,
    /// Pieces of the error's message.
    #[serde(default)]
    pub says: Vec<String>,
    /// What may be done next. Absent: any.
    pub next: Option<Vec<String>>,
    /// Whether an attempt may have been billed.
    #[serde(default)]
    pub maybe_billed: bool,
    /// Which bound of time passed.
    pub deadline: Option<String>,
    /// Fields that the answer warns of.
    #[serde(default)]
    pub warnings: Vec<String>,
    /// The attempts.
    #[serde(default)]
    pub attempts: Vec<Attempt>,
    /// The notices. Absent: any.
    pub notices: Option<Vec<Notice>>,
}

/// One attempt.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Attempt {
    /// `provider/model`. Absent: the script's.
    pub model: Option<String>,
    /// Status of the head.
    pub status: Option<u16>,
    /// Kind of the error.
    pub error: Option<String>,
    /// Pause after it.
    pub wait_ms: Option<Wait>,
    /// What the pause was for.
    pub wait_reason: Option<String>,
    /// Which key was sent.
    #[serde(default)]
    pub key_slot: u64,
    /// Whether it may have been billed.
    #[serde(default)]
    pub maybe_billed: bool,
}

/// One notice: its type, and what of it must hold.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Notice {
    /// `retry`, `fallback` or `hold`.
    pub r#type: String,
    /// Of a fallback.
    pub from_model: Option<String>,
    /// Of a fallback.
    pub to_model: Option<String>,
    /// Of a hold.
    pub model: Option<String>,
    /// Of a retry or a fallback.
    pub error: Option<String>,
    /// Of a retry or a hold.
    pub reason: Option<String>,
    /// Of a retry or a hold.
    pub delay_ms: Option<Wait>,
}

/// A computed wait, in ms.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(untagged)]
pub enum Wait {
    /// To the millisecond: out of the seed, or as a provider said.
    Exact(u64),
    /// Reckoned from a date, or from the end of an earlier call.
    Range {
        /// At least.
        min: u64,
        /// At most.
        max: u64,
    },
}

impl Wait {
    /// Whether a wait is so long.
    pub fn fits(self, wait_ms: u64) -> bool {
        match self {
            Self::Exact(exact) => wait_ms == exact,
            Self::Range { min, max } => (min..=max).contains(&wait_ms),
        }
    }
}

/// All scripts below `folder` whose name contains `part`, by name.
///
/// # Errors
/// A sentence that names the file.
pub fn all(folder: &Path, part: &str) -> Result<Vec<Script>, String> {
    let mut files = Vec::new();
    for group in entries(folder)?.into_iter().filter(|path| path.is_dir()) {
        let of_group = entries(&group)?.into_iter();
        files.extend(of_group.filter(|path| path.extension().is_some_and(|ending| ending == "toml")));
    }
    let mut scripts = Vec::new();
    for file in files {
        let words = |path: &Path| {
            path.file_stem().map(|stem| stem.to_string_lossy().into_owned()).unwrap_or_default()
        };
        let name = format!("{}/{}", words(file.parent().unwrap_or(folder)), words(&file));
        if name.contains(part) {
            let text =
                std::fs::read_to_string(&file).map_err(|error| format!("{}: {error}", file.display()))?;
            scripts.push(Script::read(&name, &text).map_err(|why| format!("{}: {why}", file.display()))?);
        }
    }
    match scripts.as_slice() {
        [] => Err(format!("no script in {} has {part:?} in its name", folder.display())),
        _ => Ok(scripts),
    }
}

fn entries(folder: &Path) -> Result<Vec<PathBuf>, String> {
    let read = std::fs::read_dir(folder).map_err(|error| format!("{}: {error}", folder.display()))?;
    let mut paths: Vec<PathBuf> = read.flatten().map(|entry| entry.path()).collect();
    paths.sort();
    Ok(paths)
}

impl Script {
    /// Reads one.
    ///
    /// # Errors
    /// A sentence about the line, or about what does not fit together.
    pub fn read(name: &str, text: &str) -> Result<Self, String> {
        let script: Self = toml::from_str(text).map_err(|error| error.to_string())?;
        let mut script = Self { name: name.to_owned(), ..script };
        if script.call.is_empty() {
            script.call.push(Call::default());
        }
        if script.call.len() != script.expect.len() {
            return Err(format!("{} calls and {} [[expect]]", script.call.len(), script.expect.len()));
        }
        script.turns()?;
        for id in script.providers() {
            script.format_of(&id)?;
        }
        Ok(script)
    }

    /// What the requests meet.
    ///
    /// # Errors
    /// A step that is none.
    pub fn turns(&self) -> Result<Vec<Turn>, String> {
        let turn = |reply: &Reply| {
            let plain;
            let table = match reply {
                Reply::Table(table) => table,
                Reply::Step(step) => {
                    let (headers, wants) = (BTreeMap::new(), BTreeMap::new());
                    plain = Table { step: step.clone(), headers, body: None, wants, key: None };
                    &plain
                }
            };
            let step: Step = table.step.parse().map_err(|error| format!("answers: {error}"))?;
            let pairs = |map: &BTreeMap<String, String>| map.clone().into_iter().collect::<Vec<_>>();
            let mut wants = pairs(&table.wants);
            wants.extend(table.key.map(|slot| ("authorization".to_owned(), format!("Bearer {}", key(slot)))));
            let turn = Turn { step, headers: pairs(&table.headers), body: table.body.clone(), wants };
            turn.check().map(|()| turn).map_err(|why| format!("answers: {why}"))
        };
        self.answers.iter().map(turn).collect()
    }

    /// As the simulator needs it.
    ///
    /// # Errors
    /// As [`Script::turns`].
    pub fn scripted(&self) -> Result<Scripted, String> {
        Ok(Scripted { name: self.name.clone(), turns: self.turns()?, telling: self.telling() })
    }

    /// What a runner needs: `{base}` and its kin stand for addresses.
    pub fn telling(&self) -> Value {
        let calls = self.call.iter().map(|call| {
            let mut told = json!({"request": self.request_of(call), "options": self.options_of(call)});
            if let Some(cancel) = call.cancel {
                told["cancel"] = json!(cancel.word());
            }
            told
        });
        let calls: Vec<Value> = calls.collect();
        json!({"script": self.name, "seed": self.seed, "config": self.config(), "calls": calls})
    }

    /// The client's configuration.
    pub fn config(&self) -> Value {
        let rows: Vec<Value> = self.providers().iter().map(|id| self.row(id)).collect();
        let mut policy = json!({"backoff_base_ms": BACKOFF_BASE_MS, "backoff_cap_ms": BACKOFF_CAP_MS});
        self.policy.iter().for_each(|(name, value)| policy[name] = value.clone());
        json!({"providers": rows, "policy": policy, "guards": self.guards})
    }

    /// The request of a call.
    pub fn request_of(&self, call: &Call) -> Value {
        let mut request = Map::new();
        request.insert("model".into(), json!(call.model.as_ref().unwrap_or(&self.model)));
        request.insert("messages".into(), json!([{"role": "user", "content": "Tell me of a river."}]));
        request.insert("stream".into(), json!(self.is_streamed(call)));
        request.extend(self.request.clone());
        Value::Object(request)
    }

    /// The options of a call.
    pub fn options_of(&self, call: &Call) -> Value {
        Value::Object(call.options.as_ref().unwrap_or(&self.options).clone())
    }

    /// Whether a call is streamed.
    pub fn is_streamed(&self, call: &Call) -> bool {
        call.stream.unwrap_or(self.stream)
    }

    /// How a provider is reached, where that is not the usual way.
    pub fn provider(&self, id: &str) -> Option<&Provider> {
        self.provider.iter().find(|provider| provider.id == id)
    }

    /// Every provider that a model names.
    fn providers(&self) -> Vec<String> {
        let mut models = vec![self.model.clone()];
        models.extend(self.call.iter().filter_map(|call| call.model.clone()));
        let options = self.call.iter().filter_map(|call| call.options.as_ref()).chain([&self.options]);
        let policies = options.filter_map(|options| options.get("policy")?.as_object()).chain([&self.policy]);
        for steps in policies.filter_map(|policy| policy.get("fallback")?.as_array()) {
            models.extend(steps.iter().filter_map(|step| Some(step["model"].as_str()?.to_owned())));
        }
        let mut ids: Vec<String> = Vec::new();
        for (id, _) in models.iter().filter_map(|model| model.split_once('/')) {
            if !ids.iter().any(|known| known == id) {
                ids.push(id.to_owned());
            }
        }
        ids
    }

    fn row(&self, id: &str) -> Value {
        let own = self.provider(id);
        let env = |slot: usize| match own {
            Some(own) if own.absent_keys.contains(&slot) => ABSENT_KEY_ENV.to_owned(),
            _ => key_env(slot),
        };
        let base = match own.and_then(|own| own.reach) {
            None => format!("{{base}}/{id}"),
            Some(Reach::Refused) => "{refused}".to_owned(),
            Some(Reach::Tls) => "https://{addr}".to_owned(),
            // Set aside for documentation: nobody is there (RFC 5737).
            Some(Reach::ConnectTimeout) => "http://192.0.2.1".to_owned(),
        };
        let path = self.format_of(id).map_or("", |format| format.base);
        let mut row = json!({"id": id, "base_url": format!("{base}{path}"), "key_env": [env(0)]});
        if let Some(own) = own {
            let spare: Vec<String> = (1..=own.spare_keys).map(env).collect();
            row["spare_key_env"] = json!(spare);
            for (name, value) in
                [("protocol", &own.protocol), ("idempotency_header", &own.idempotency_header)]
            {
                if let Some(value) = value {
                    row[name] = json!(value);
                }
            }
        }
        row
    }

    /// The wire format of a provider: as its row says, or as the simulator's own example has it.
    fn format_of(&self, id: &str) -> Result<&'static literllm_mock::Format, String> {
        let protocol = self.provider(id).and_then(|own| own.protocol.as_deref());
        let is_it = |format: &&literllm_mock::Format| match protocol {
            Some(protocol) => format.name == protocol,
            None => format.model.starts_with(&format!("{id}/")),
        };
        let found = FORMATS.iter().find(is_it);
        found.ok_or_else(|| {
            format!("provider {id} needs a [[provider]] with a protocol that the simulator speaks")
        })
    }
}

fn usual_model() -> String {
    "openai/mock-small".into()
}

fn usual_seed() -> u64 {
    7
}

fn yes() -> bool {
    true
}

#[cfg(test)]
mod tests {
    use super::*;

    const TEXT: &str = r#"
        about = "A pause is kept."
        answers = ["status=429;retry_after_ms=30", { step = "ok", key = 1 }]
        [policy]
        fallback = [{ model = "anthropic/mock-small" }]
        [[provider]]
        id = "openai"
        spare_keys = 1
        [[expect]]
        outcome = "response"
        attempts = [{ status = 429, error = "rate_limit", wait_ms = 30 }, { status = 200, key_slot = 1 }]
    "#;

    #[test]
    fn a_script_is_told_ready_to_use() {
        let script = Script::read("a/b", TEXT).unwrap();
        let rows = &script.config()["providers"];
        assert_eq!(rows[0]["base_url"], "{base}/openai/v1");
        assert_eq!(rows[0]["spare_key_env"], json!(["FAULTS_KEY_1"]));
        assert_eq!(rows[1]["id"], "anthropic");
        let wants = &script.turns().unwrap()[1].wants;
        assert_eq!(wants[..], [("authorization".to_owned(), "Bearer faults-key-1".to_owned())]);
    }

    #[test]
    fn mistakes_are_named() {
        for (from, to, word) in [
            ("status=429", "statu=429", "no fault is called"),
            ("outcome", "outcom", "outcom"),
            ("anthropic/", "nobody/", "provider nobody"),
            ("[[expect]]", "[[call]]\n[[call]]\n[[expect]]", "2 calls and 1"),
        ] {
            let error = Script::read("a/b", &TEXT.replacen(from, to, 1)).unwrap_err();
            assert!(error.contains(word), "{error}");
        }
    }

    #[test]
    fn all_scripts_of_the_project_can_be_read() {
        let scripts = all(&folder(), "").unwrap();
        assert!(scripts.len() >= 60, "{}", scripts.len());
        for script in scripts {
            script.scripted().unwrap();
        }
    }
}
