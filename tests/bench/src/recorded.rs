//! Recorded streams, which are not part of the project; their form is told in the README beside them.

#![allow(clippy::print_stderr, reason = "says what it leaves out")]

use std::io::{BufRead, BufReader};
use std::path::{Path, PathBuf};

use serde_json::Value;

use crate::contender::{Contender, Failure};
use crate::native::Native;
use crate::streams::{Format, Set, Stream};

/// All recorded streams of a format that end in an answer.
pub(crate) fn read(folder: &Path, format: &'static Format) -> Result<Set, Failure> {
    let mut files: Vec<PathBuf> = std::fs::read_dir(folder)
        .map_err(|error| format!("{}: {error}", folder.display()))?
        .flatten()
        .map(|entry| entry.path())
        .filter(|path| path.to_string_lossy().ends_with(".jsonl.gz"))
        .collect();
    files.sort();
    let (mut streams, mut others, mut native) = (Vec::new(), 0, Native::new()?);
    for file in files {
        let packed = std::fs::File::open(&file)?;
        for line in BufReader::new(flate2::read::GzDecoder::new(packed)).lines() {
            let exchange: Value = serde_json::from_str(&line?)?;
            let response = &exchange["response"];
            if exchange["api"] != format.recorded_as || response["streaming"] != true {
                continue;
            }
            let stream = Stream::new(response["body_text"].as_str().unwrap_or_default().to_owned());
            if ends_in_an_answer(&mut native, format, &stream) {
                streams.push(stream);
            } else {
                others += 1;
            }
        }
    }
    eprintln!(
        "{}: {} recorded streams; {others} that end otherwise are left out",
        format.protocol,
        streams.len()
    );
    Ok(Set { format, streams })
}

fn ends_in_an_answer(native: &mut Native, format: &Format, stream: &Stream) -> bool {
    let mut read = || -> Result<bool, Failure> {
        let call = native.begin(format)?;
        let mut whole = native.body(call, stream.text().as_bytes())?.document()?;
        if !whole.as_ref().is_some_and(|step| step.contains("\"outcome\":")) {
            whole = native.end(call)?.document()?;
        }
        Ok(whole.is_some_and(|step| step.contains("\"type\":\"response\"")))
    };
    read().unwrap_or(false)
}
