//! A vector: a folder of documents and bytes. Its format is told in `vectors/README.md`.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

/// One folder, read.
#[derive(Debug)]
pub struct Vector {
    /// Wire format and folder, such as `openai-chat/no-done-mark`.
    pub name: String,
    folder: PathBuf,
    /// A `client-config` document.
    pub config: String,
    /// A `request` document, perhaps a wrong one.
    pub request: String,
    /// A `call-options` document.
    pub options: String,
    /// What each attempt is answered with, in order.
    pub answers: Vec<Answer>,
    /// Text of `http.json`; absent when nothing must be sent.
    pub http: Option<String>,
    /// Text of `expected.json`; absent until it is written.
    pub expected: Option<String>,
}

/// What the network does to one attempt.
#[derive(Debug, Default, Clone)]
pub struct Answer {
    /// A `response-head` document. Absent: none comes.
    pub head: Option<String>,
    /// The body's bytes. Absent: none come.
    pub body: Option<Vec<u8>>,
    /// A `transport-failure` document, told instead of the end.
    pub failure: Option<String>,
}

/// Every vector below the folder `vectors`, by name.
///
/// # Errors
/// What is wrong with which folder.
pub fn all() -> Result<Vec<Vector>, String> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("vectors");
    let mut vectors = Vec::new();
    for format in folders(&root)? {
        for folder in folders(&format)? {
            let name = folder.strip_prefix(&root).unwrap_or(&folder).to_string_lossy().replace('\\', "/");
            vectors.push(Vector::read(folder, &name).map_err(|why| format!("vector {name}: {why}"))?);
        }
    }
    Ok(vectors)
}

fn folders(parent: &Path) -> Result<Vec<PathBuf>, String> {
    let entries = std::fs::read_dir(parent).map_err(|error| format!("{}: {error}", parent.display()))?;
    let mut folders: Vec<PathBuf> =
        entries.flatten().map(|entry| entry.path()).filter(|path| path.is_dir()).collect();
    folders.sort();
    Ok(folders)
}

impl Vector {
    fn read(folder: PathBuf, name: &str) -> Result<Self, String> {
        let mut files = BTreeMap::new();
        for entry in std::fs::read_dir(&folder).map_err(|error| error.to_string())?.flatten() {
            let file = entry.file_name().to_string_lossy().into_owned();
            let bytes = std::fs::read(entry.path()).map_err(|error| format!("{file}: {error}"))?;
            // A body is known by its stem: its ending is for people and editors.
            let stem = file.split('.').next().unwrap_or_default();
            let known_as = if stem == "body" || stem.starts_with("body-") { stem } else { file.as_str() };
            if files.insert(known_as.to_owned(), bytes).is_some() {
                return Err(format!("there are two files {known_as}.*"));
            }
        }
        let mut take_text = |file: &str| {
            let bytes = files.remove(file)?;
            Some(String::from_utf8(bytes).map_err(|_| format!("{file} is not UTF-8")))
        };
        let request = take_text("request.json").ok_or("there is no request.json")??;
        let config = take_text("config.json").unwrap_or_else(|| Ok("{}".into()))?;
        let options = take_text("options.json").unwrap_or_else(|| Ok("{}".into()))?;
        let http = take_text("http.json").transpose()?;
        let expected = take_text("expected.json").transpose()?;
        let mut answers = Vec::new();
        for number in 1.. {
            let suffix = if number == 1 { String::new() } else { format!("-{number}") };
            let mut take = |file: String| files.remove(&file);
            let text = |bytes: Vec<u8>| {
                String::from_utf8(bytes).map_err(|_| format!("a document of answer {number} is not UTF-8"))
            };
            let head = take(format!("head{suffix}.json")).map(text).transpose()?;
            let failure = take(format!("failure{suffix}.json")).map(text).transpose()?;
            let body = take(format!("body{suffix}"));
            if head.is_none() && failure.is_none() && body.is_none() {
                break;
            }
            answers.push(Answer { head, body, failure });
        }
        match files.keys().next() {
            Some(file) => Err(format!("{file} is not a file of a vector, see vectors/README.md")),
            None => {
                Ok(Self { name: name.to_owned(), folder, config, request, options, answers, http, expected })
            }
        }
    }

    /// Writes `http.json` and `expected.json` anew.
    ///
    /// # Errors
    /// When a file cannot be written.
    pub fn bless(&mut self, http: Option<String>, expected: String) -> Result<(), String> {
        let write = |file: &str, text: &str| {
            std::fs::write(self.folder.join(file), text).map_err(|error| format!("{file}: {error}"))
        };
        match &http {
            Some(http) => write("http.json", http)?,
            None if self.http.is_some() => {
                std::fs::remove_file(self.folder.join("http.json"))
                    .map_err(|error| format!("http.json: {error}"))?;
            }
            None => {}
        }
        write("expected.json", &expected)?;
        (self.http, self.expected) = (http, Some(expected));
        Ok(())
    }
}
